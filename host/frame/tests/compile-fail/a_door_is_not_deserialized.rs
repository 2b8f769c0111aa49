use sluis_frame::ReaderDoor;

fn receive(text: &str) -> ReaderDoor {
    serde_json::from_str(text).unwrap()
}

fn main() {}
