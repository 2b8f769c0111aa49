//! What the store costs above the plain client: 64 MiB uploaded through it, and by the client's own multipart upload, to the same server in the same run.
//!
//! Both send parts of 8 MiB. The plain client sends one after the other, as a loop around `upload_part` does, and two at a time, as the store does.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client as Plain;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use sluis_cloud::{Client, S3Settings};
use sluis_store::ObjectName;
use tokio::runtime::Runtime;

#[allow(dead_code, clippy::unwrap_used, reason = "it belongs to the tests, which use more of it")]
#[path = "../tests/cloud/faults.rs"]
mod faults;
#[allow(dead_code, clippy::unwrap_used, reason = "it belongs to the tests, which use more of it")]
#[path = "../tests/cloud/server.rs"]
mod server;

use server::{BUCKET, KEY, SECRET, Server, Versions};

const SIZE: usize = 64 << 20;
const PART: usize = 8 << 20;
const RUNS: usize = 9;

#[allow(clippy::print_stdout, reason = "a benchmark is read by a person")]
fn main() {
    let server = Server::start(Versions::Unknown);
    let settings = S3Settings { part_size: PART, ..server.settings() };
    let object: Bytes = (0..SIZE).map(|n| (n % 251) as u8).collect();
    let runtime = Runtime::new().expect("the system gives threads");
    let plain = plain(&settings);
    let mut clients = vec![Client::Aws];
    if cfg!(feature = "rusoto") {
        clients.push(Client::Rusoto);
    }
    let stores: Vec<_> =
        clients.iter().map(|client| sluis_cloud::open(&settings, *client).expect("the settings are good")).collect();
    let names = ["aws-sdk-s3, one part at a time", "aws-sdk-s3, two parts at a time", "store, aws", "store, rusoto"];
    let mut times = vec![Vec::new(); 2 + stores.len()];
    // In turn, so that what else the machine does falls on all alike. The first round warms up.
    for run in 0..=RUNS {
        for (n, times) in times.iter_mut().enumerate() {
            let begun = Instant::now();
            match n {
                0 | 1 => runtime.block_on(upload(&plain, &format!("plain-{n}-{run}"), &object, n + 1)),
                _ => {
                    let name = ObjectName::new(format!("ours-{n}-{run}")).expect("it has letters and digits");
                    let mut writer = stores[n - 2].create(&name).expect("the server takes it");
                    for chunk in object.chunks(64 << 10) {
                        writer.append(black_box(chunk)).expect("the server takes it");
                    }
                    writer.commit().expect("the server takes it");
                }
            }
            if run > 0 {
                times.push(begun.elapsed());
            }
        }
    }
    let medians: Vec<_> = times.into_iter().map(median).collect();
    println!("64 MiB in parts of 8 MiB to s3s-fs on the loopback, median of {RUNS} runs");
    for (name, time) in names.iter().zip(&medians) {
        let ratio = time.as_secs_f64() / medians[0].as_secs_f64();
        println!("{name:32} {:6.0} ms  {ratio:.2}", time.as_secs_f64() * 1e3);
    }
}

fn plain(settings: &S3Settings) -> Plain {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(KEY, SECRET, None, None, "bench"))
        .force_path_style(true)
        .endpoint_url(format!("http://{}", settings.host()))
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    Plain::from_conf(config.build())
}

async fn upload(plain: &Plain, key: &str, object: &Bytes, at_once: usize) {
    let begun = plain.create_multipart_upload().bucket(BUCKET).key(key).send().await.expect("the server takes it");
    let upload: Arc<str> = begun.upload_id().expect("it has an id").into();
    let mut parts = Vec::new();
    let mut sending = tokio::task::JoinSet::new();
    for number in 1..=SIZE / PART {
        while sending.len() >= at_once {
            parts.push(sending.join_next().await.expect("one is under way").expect("nothing panics"));
        }
        let body = object.slice((number - 1) * PART..number * PART);
        let number = i32::try_from(number).expect("there are few");
        let request = plain.upload_part().bucket(BUCKET).key(key).upload_id(&*upload).part_number(number);
        sending.spawn(async move {
            let done = request.body(body.into()).send().await.expect("the server takes it");
            (number, done.e_tag)
        });
    }
    while let Some(part) = sending.join_next().await {
        parts.push(part.expect("nothing panics"));
    }
    parts.sort();
    let part = |(number, tag)| CompletedPart::builder().part_number(number).set_e_tag(tag).build();
    let parts = parts.into_iter().map(part).collect();
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let request = plain.complete_multipart_upload().bucket(BUCKET).key(key).upload_id(&*upload);
    request.multipart_upload(parts).send().await.expect("the server takes it");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
