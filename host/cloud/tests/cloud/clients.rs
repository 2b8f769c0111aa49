//! Both clients go through the same tests.

use sluis_cloud::Client;

/// The clients that this build has.
pub(crate) fn clients() -> Vec<Client> {
    let mut clients = vec![Client::Aws];
    if cfg!(feature = "rusoto") {
        clients.push(Client::Rusoto);
    } else {
        println!("built without the feature `rusoto`: that client is left out");
    }
    clients
}
