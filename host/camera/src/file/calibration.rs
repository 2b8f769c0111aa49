//! `camera.xml` as OpenCV's `FileStorage` writes it.

use std::path::Path;

use sluis_frame::Calibration;

use crate::error::Error;

/// Reads the camera matrix, row by row `fx 0 cx 0 fy cy 0 0 1`, under the names that OpenCV's samples use. Anything else in the file is passed over.
pub(super) fn read(file: &Path) -> Result<Calibration, Error> {
    let text = std::fs::read_to_string(file).map_err(|source| Error::Read { file: file.to_owned(), source })?;
    parse(&text).map_err(|reason| Error::Calibration { file: file.to_owned(), reason })
}

fn parse(text: &str) -> Result<Calibration, String> {
    const NAMES: [&str; 4] = ["intrinsic", "camera_matrix", "Camera_Matrix", "cameraMatrix"];
    let document = roxmltree::Document::parse(text).map_err(|e| e.to_string())?;
    let matrix = document
        .descendants()
        .find(|node| NAMES.contains(&node.tag_name().name()))
        .ok_or("it has no element <intrinsic> or <camera_matrix>")?;
    let data = matrix
        .children()
        .find(|node| node.has_tag_name("data"))
        .and_then(|node| node.text())
        .ok_or("its camera matrix has no <data>")?;
    let values: Vec<f64> = data
        .split_whitespace()
        .map(|word| word.parse().map_err(|_| format!("`{word}` in its camera matrix is not a number")))
        .collect::<Result<_, _>>()?;
    let [fx, _, cx, _, fy, cy, _, _, _] = values[..] else {
        return Err(format!("its camera matrix has {} numbers and needs 9", values.len()));
    };
    let possible = |length: f64| length.is_finite() && length > 0.0;
    if !possible(fx) || !possible(fy) || !cx.is_finite() || !cy.is_finite() {
        return Err(format!(
            "focal lengths {fx} and {fy} and centre {cx}, {cy} cannot be: they are in pixels, above 0"
        ));
    }
    Ok(Calibration { fx, fy, cx, cy })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn xml(data: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><opencv_storage><intrinsic type_id="opencv-matrix"><data>{data}</data></intrinsic></opencv_storage>"#
        )
    }

    #[test]
    fn the_camera_matrix_is_read_row_by_row() {
        let expected = Calibration { fx: 525.0, fy: 526.0, cx: 320.0, cy: 240.0 };
        assert_eq!(parse(&xml("525. 0. 320. 0. 526. 240.\n 0. 0. 1.")).unwrap(), expected);
    }

    #[test]
    fn an_impossible_matrix_is_refused_with_its_reason() {
        assert!(parse(&xml("1 2 3")).unwrap_err().contains("3 numbers"));
        assert!(parse(&xml("0 0 320 0 525 240 0 0 1")).unwrap_err().contains("focal lengths"));
        assert!(parse(&xml("525 0 NaN 0 525 240 0 0 1")).unwrap_err().contains("centre"));
        assert!(parse(&xml("525 0 x 0 525 240 0 0 1")).unwrap_err().contains("`x`"));
        assert!(parse("<a/>").unwrap_err().contains("intrinsic"));
        assert!(parse("").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}", data in ".{0,80}") {
            let _ = (parse(&text), parse(&xml(&data)));
        }
    }
}
