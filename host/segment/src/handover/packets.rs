//! Packets between two processes: a Unix socket that keeps the bounds of what is sent, and can carry an open file.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use rustix::net::sockopt::{Timeout, set_socket_timeout};

use super::Lost;

/// One end of a pair of connected sockets (`SOCK_SEQPACKET`, unix(7)).
///
/// The system holds what is under way, about 200 KB at most; then the sender waits. Both ends can be used from several threads.
#[derive(Debug)]
pub struct Packets(OwnedFd);

/// The longest packet, in bytes. A sealer's piece is at most 64 KiB, and the system's buffers hold three of them.
pub const LONGEST: usize = 128 << 10;

/// Open files that come with one packet, at most.
const FILES: usize = 1;

// === impl Packets ===

impl Packets {
    /// Two ends.
    ///
    /// # Errors
    ///
    /// What the system says when it has no more file descriptors.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(one), Self(other)))
    }

    /// From here on, whoever sends waits for `patience` at the most; then the packet is lost, and the other side counts as gone.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn limit_sending(&self, patience: Duration) -> io::Result<()> {
        Ok(set_socket_timeout(&self.0, Timeout::Send, Some(patience))?)
    }

    /// Sends a packet, and an open file with it if there is one; waits while the other side is behind.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when the other end is closed, or the packet is longer than [`LONGEST`], or the time is over that [`limit_sending`](Self::limit_sending) has set.
    pub fn send(&self, packet: &[u8], file: Option<BorrowedFd<'_>>) -> Result<(), Lost> {
        debug_assert!(packet.len() <= LONGEST, "a packet of {} bytes", packet.len());
        let files: Vec<BorrowedFd<'_>> = file.into_iter().collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
        let mut with = SendAncillaryBuffer::new(&mut space);
        if !files.is_empty() {
            with.push(SendAncillaryMessage::ScmRights(&files));
        }
        loop {
            match sendmsg(&self.0, &[IoSlice::new(packet)], &mut with, SendFlags::NOSIGNAL) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(_) => return Err(Lost::Ended),
            }
        }
    }

    /// Waits for the next packet, for at most `patience` if one is given.
    ///
    /// # Errors
    ///
    /// [`Lost::Ended`] when the other end is closed, or has sent what is no packet of ours; [`Lost::Silent`].
    pub fn receive(&self, patience: Option<Duration>) -> Result<(Vec<u8>, Option<OwnedFd>), Lost> {
        if let Some(patience) = patience {
            self.wait(patience)?;
        }
        let mut packet = vec![0; LONGEST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES))];
        let mut with = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            let mut into = [IoSliceMut::new(&mut packet)];
            match recvmsg(&self.0, &mut into, &mut with, RecvFlags::CMSG_CLOEXEC) {
                Ok(received) => break received,
                Err(Errno::INTR) => {}
                Err(_) => return Err(Lost::Ended),
            }
        };
        if received.bytes == 0 || received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
            return Err(Lost::Ended);
        }
        packet.truncate(received.bytes);
        let file = with.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut files) => files.next(),
            _ => None,
        });
        Ok((packet, file))
    }

    fn wait(&self, patience: Duration) -> Result<(), Lost> {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
            match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&left)) {
                Ok(0) => return Err(Lost::Silent(patience)),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(_) => return Err(Lost::Ended),
            }
        }
    }
}

impl AsFd for Packets {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<OwnedFd> for Packets {
    /// From a socket that came from a [`pair`](Packets::pair).
    fn from(socket: OwnedFd) -> Self {
        Self(socket)
    }
}

impl From<Packets> for OwnedFd {
    fn from(packets: Packets) -> Self {
        packets.0
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Seek, Write};

    use super::*;

    #[test]
    fn packets_keep_their_bounds_and_carry_an_open_file() {
        let (one, other) = Packets::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"opened by somebody else").unwrap();
        file.rewind().unwrap();
        one.send(b"first", None).unwrap();
        one.send(&vec![7; LONGEST], Some(file.as_fd())).unwrap();
        assert_eq!(other.receive(None).unwrap().0, b"first");
        let (packet, file) = other.receive(Some(Duration::from_secs(5))).unwrap();
        assert_eq!(packet, vec![7; LONGEST]);
        let mut text = String::new();
        File::from(file.unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "opened by somebody else");
    }

    #[test]
    fn who_is_silent_and_who_has_ended_are_told_apart() {
        let (one, other) = Packets::pair().unwrap();
        let patience = Duration::from_millis(20);
        assert_eq!(one.receive(Some(patience)).unwrap_err(), Lost::Silent(patience));
        drop(other);
        assert_eq!(one.receive(None).unwrap_err(), Lost::Ended);
        assert_eq!(one.send(b"x", None).unwrap_err(), Lost::Ended);
    }
}
