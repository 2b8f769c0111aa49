use sluis_frame::AuditDoor;

fn share(door: &AuditDoor) -> AuditDoor {
    Clone::clone(door)
}

fn main() {}
