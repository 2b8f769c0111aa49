use sluis_frame::{Frame, Raw};

fn send(raw: &Frame<Raw>) -> String {
    serde_json::to_string(raw).unwrap()
}

fn main() {}
