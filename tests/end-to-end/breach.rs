//! Breaches.

fn main() {}
