//! The cleared video as an ordinary MP4, one picture per frame, so that an outside program can compare it with the original.

use std::path::{Path, PathBuf};

use sluis_frame::CameraId;

/// Where a camera's video goes: `to` itself for one camera, `NAME-CAMERA.mp4` for several.
pub fn path_for(to: &Path, camera: &CameraId, cameras: usize) -> PathBuf {
    if cameras == 1 {
        return to.to_owned();
    }
    let stem = to.file_stem().unwrap_or(to.as_os_str()).to_string_lossy();
    let extension = to.extension().map_or_else(|| "mp4".into(), |e| e.to_string_lossy());
    to.with_file_name(format!("{stem}-{camera}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_cameras_do_not_write_over_each_other() {
        let camera = CameraId::new("till").unwrap();
        assert_eq!(path_for(Path::new("out/v.mp4"), &camera, 1), Path::new("out/v.mp4"));
        assert_eq!(path_for(Path::new("out/v.mp4"), &camera, 2), Path::new("out/v-till.mp4"));
    }
}
