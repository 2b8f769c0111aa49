//! Who opened a segment, and why.

use std::fmt;
use std::fs;

use crate::error::Error;

/// Why somebody opens a segment: 3 to 500 characters of text, logged for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    text: String,
    /// The member of staff who gives it.
    staff: Option<String>,
}

/// The user of the operating system that this process runs for, as the log of openings names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who(String);

// === impl Reason ===

impl Reason {
    /// Checks a reason. White space around it does not count.
    ///
    /// # Errors
    ///
    /// [`Error::Reason`] when it is too short to say anything, too long, or holds control characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if !(3..=500).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err(Error::Reason);
        }
        Ok(Self { text: text.to_owned(), staff: None })
    }

    /// The same, given by a member of staff who has shown to be that.
    #[must_use]
    pub(crate) fn by(self, name: &str) -> Self {
        Self { staff: Some(name.to_owned()), ..self }
    }

    /// Who gives it: the member of staff, and the user of the operating system.
    pub(crate) fn who(&self, user: &Who) -> String {
        match &self.staff {
            Some(name) => format!("{name}, as {user}"),
            None => user.to_string(),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

// === impl Who ===

impl Who {
    /// The real user of this process: `name (uid 1000)`, or the number alone when the machine has no name for it. The number comes from the
    /// kernel; environment variables, which anybody can set, are not asked.
    pub fn this_process() -> Self {
        let uid = rustix::process::getuid().as_raw();
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self(match name_of(uid, &passwd) {
            Some(name) => format!("{name} (uid {uid})"),
            None => format!("uid {uid}"),
        })
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a user in the format of passwd(5).
fn name_of(uid: u32, passwd: &str) -> Option<&str> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid) && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_reason_is_refused() {
        for text in ["", "   ", "ok", "a\nb\0c", &"x".repeat(501)] {
            assert!(Reason::new(text).is_err(), "{text:?} was accepted");
        }
        assert_eq!(Reason::new(" theft report 17 ").unwrap().as_str(), "theft report 17");
    }

    #[test]
    fn the_user_is_named_by_the_system() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\nbroken\n";
        assert_eq!(name_of(1000, passwd), Some("anna"));
        assert_eq!(name_of(7, passwd), None);
        assert!(Who::this_process().to_string().contains("uid "));
    }
}
