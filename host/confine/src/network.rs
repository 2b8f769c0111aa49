//! A network of one's own, with nothing in it but the way to oneself.

use std::io;

use nix::sched::{CloneFlags, unshare};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, sendto, socket};

use crate::error::Error;

/// Moves the process into a network namespace of its own, which has a loopback device and nothing else.
pub(crate) fn isolate() -> Result<(), Error> {
    // Whoever may make a network namespace directly does; all others need a user namespace for it. There they have no rights over anything outside.
    let moved = unshare(CloneFlags::CLONE_NEWNET)
        .or_else(|_| unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET))
        .map_err(io::Error::from);
    moved.map_err(failed("a network namespace"))?;
    // Protocol 0 is `NETLINK_ROUTE`.
    let route = socket(AddressFamily::NETLINK, SocketType::RAW, None).map_err(io::Error::from);
    let route = route.map_err(failed("a netlink socket"))?;
    ask(&route, &loopback_up()).map_err(failed("switching on the loopback device"))
}

fn failed(doing: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Network { doing, source }
}

/// The device of a new namespace: there is no other, and it has this number.
const LOOPBACK: u32 = 1;

/// `RTM_NEWLINK` (rtnetlink(7)): sets `IFF_UP` on the loopback device.
fn loopback_up() -> Vec<u8> {
    let mut message = Vec::new();
    // struct ifinfomsg: family, padding, type, index, flags, which flags change.
    message.extend([libc::AF_UNSPEC as u8, 0, 0, 0]);
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend((libc::IFF_UP as u32).to_ne_bytes());
    message.extend((libc::IFF_UP as u32).to_ne_bytes());
    framed(libc::RTM_NEWLINK, &message)
}

/// With a header (struct nlmsghdr): length, type, flags, sequence number, sender.
fn framed(kind: u16, message: &[u8]) -> Vec<u8> {
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16;
    let mut framed = Vec::new();
    framed.extend((16 + message.len() as u32).to_ne_bytes());
    framed.extend(kind.to_ne_bytes());
    framed.extend(flags.to_ne_bytes());
    framed.extend([0; 8]);
    framed.extend(message);
    framed
}

/// Sends a request to the kernel and reads its answer: an error message whose number is zero when all went well.
fn ask(route: &impl std::os::fd::AsFd, message: &[u8]) -> io::Result<()> {
    sendto(route, message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0; 512];
    let (length, _) = recv(route, &mut answer, RecvFlags::empty())?;
    // struct nlmsgerr lies behind the header.
    let number = answer.get(16..20).filter(|_| length >= 20).and_then(|bytes| bytes.try_into().ok());
    match number.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(number) => Err(io::Error::from_raw_os_error(-number)),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, "the kernel's answer is too short")),
    }
}
