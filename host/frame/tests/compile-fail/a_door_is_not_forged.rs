use sluis_frame::AuditDoor;

fn main() {
    let _ = AuditDoor(());
}
