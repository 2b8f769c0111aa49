use sluis_frame::BlankDoor;

fn main() {
    let _: BlankDoor = Default::default();
}
