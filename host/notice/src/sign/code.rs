//! The QR code of an address.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::error::Error;

/// The longest address, in bytes. With it a code has 69 squares a side (version 13 of ISO/IEC 18004, level M), and a square is more than 2 points: what a telephone reads from arm's length.
pub const LONGEST_ADDRESS: usize = 331;

/// The dark squares of a code, by column and row, and how many squares it has a side. Level M: 15 % of it may be dirty or torn.
pub(super) fn squares(address: &str) -> Result<(u16, Vec<[u16; 2]>), Error> {
    let too_long = || Error::Address { length: address.len(), most: LONGEST_ADDRESS };
    if address.len() > LONGEST_ADDRESS {
        return Err(too_long());
    }
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).map_err(|_| too_long())?;
    let side = code.size();
    let all = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let dark = all.filter(|(x, y)| code.get_module(*x, *y)).map(|(x, y)| [x as u16, y as u16]);
    Ok((side as u16, dark.collect()))
}
