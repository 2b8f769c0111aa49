//! A filter that runs the model `yunet` on the whole picture and answers one region for each 1,000 numbers that came
//! out, at most 64. Its settings choose what else it does: `bring` tries to load a model of its own, `another` asks for
//! one that is not granted, `hoard` keeps every tensor, `lie` makes a tensor whose size is wrong, `shape` gives the
//! model a shape that it does not take, `cold` does not run the model as it is made.

use sluis_sdk::bindings::shared::wasi::nn as wasi;
use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::nn::{Model, Tensor, TensorType};
use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Rect, Size};

struct AsksModel {
    model: Model,
    settings: String,
    hoard: Vec<wasi::tensor::Tensor>,
}

impl PrivacyFilter for AsksModel {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        if settings.contains("bring") {
            use wasi::graph::{ExecutionTarget, GraphEncoding, load};
            let error = load(&[vec![1, 2, 3]], GraphEncoding::Onnx, ExecutionTarget::Cpu).err();
            return Err(format!("{:?}", error.map(|e| e.code())));
        }
        let name = if settings.contains("another") { "another" } else { "yunet" };
        let model = Model::load(name).map_err(|error| error.to_string())?;
        let made = Self { model, settings: settings.to_owned(), hoard: Vec::new() };
        if !settings.contains("cold") {
            // The first run for a size optimises the model for it: better now than within the time of a frame.
            made.run(camera.size, &vec![0; (camera.size.width * camera.size.height * 3) as usize])?;
        }
        Ok(made)
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        if self.settings.contains("hoard") {
            loop {
                self.hoard.push(wasi::tensor::Tensor::new(&[1 << 20], TensorType::U8, &vec![0; 1 << 20]));
            }
        }
        if self.settings.contains("lie") {
            wasi::tensor::Tensor::new(&[1 << 20], TensorType::Fp32, &[0; 4]);
        }
        let size = frame.size();
        let pixels = frame.read_whole(PixelFormat::Bgr8);
        let numbers = self.run(size, &pixels).expect("the model runs");
        let region = Region { area: Rect::new(0, 0, 8, 8), subject: Subject::Face, confidence: 100 };
        vec![region; (numbers / 1000).min(64)]
    }
}

impl AsksModel {
    fn run(&self, size: Size, pixels: &[u8]) -> Result<usize, String> {
        let plane = (size.width * size.height) as usize;
        let mut values = vec![0.0; plane * 3];
        for (at, pixel) in pixels.chunks_exact(3).enumerate() {
            for channel in 0..3 {
                values[channel * plane + at] = f32::from(pixel[channel]);
            }
        }
        let shape = match self.settings.contains("shape") {
            true => [1, 1, size.height * 3, size.width],
            false => [1, 3, size.height, size.width],
        };
        // By its number: other models call their input something else.
        let outputs = self.model.run(&[("0", Tensor::f32(&shape, &values))]).map_err(|error| error.to_string())?;
        Ok(outputs.iter().map(|(_, tensor)| tensor.bytes().len() / 4).sum())
    }
}

sluis_sdk::privacy_filter!(AsksModel);
