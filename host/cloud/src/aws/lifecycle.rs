//! The bucket's lifecycle, by `aws-sdk-s3`.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration,
};

use super::{Aws, fault};
use crate::calls::Belt;
use crate::fault::Fault;

pub(super) async fn put_on(aws: &Aws, belt: &Belt) -> Result<bool, Fault> {
    let answer = aws.client.get_bucket_lifecycle_configuration().bucket(&aws.bucket).send().await.map_err(fault);
    let mut rules = match answer {
        Ok(found) => found.rules.unwrap_or_default(),
        Err(Fault::Missing) => Vec::new(),
        Err(other) => return Err(other),
    };
    let ours = [objects(belt)?, markers(belt)?];
    // Servers give back what they were given, some with more fields.
    let there = |rule: &LifecycleRule| rules.iter().any(|found| says(found) == says(rule));
    if ours.iter().all(there) {
        return Ok(false);
    }
    rules.retain(|rule| rule.id() != Some(&belt.id) && rule.id() != Some(&belt.markers_id));
    rules.extend(ours);
    let rules = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(unmade)?;
    let request = aws.client.put_bucket_lifecycle_configuration().bucket(&aws.bucket);
    request.lifecycle_configuration(rules).send().await.map_err(fault)?;
    Ok(true)
}

fn objects(belt: &Belt) -> Result<LifecycleRule, Fault> {
    let aborted = AbortIncompleteMultipartUpload::builder().days_after_initiation(belt.days).build();
    let rule = LifecycleRule::builder()
        .id(&belt.id)
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(&belt.prefix).build())
        .expiration(LifecycleExpiration::builder().days(belt.days).build())
        .noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(1).build())
        .abort_incomplete_multipart_upload(aborted);
    rule.build().map_err(unmade)
}

fn markers(belt: &Belt) -> Result<LifecycleRule, Fault> {
    let rule = LifecycleRule::builder()
        .id(&belt.markers_id)
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(&belt.prefix).build())
        .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build());
    rule.build().map_err(unmade)
}

/// What of a rule is ours to set.
fn says(rule: &LifecycleRule) -> impl PartialEq + use<> {
    let prefix = rule.filter().and_then(LifecycleRuleFilter::prefix).map(str::to_owned);
    let expiration = rule.expiration();
    (
        rule.id().map(str::to_owned),
        rule.status().clone(),
        prefix,
        expiration.and_then(LifecycleExpiration::days).filter(|days| *days > 0),
        expiration.and_then(LifecycleExpiration::expired_object_delete_marker) == Some(true),
        rule.noncurrent_version_expiration().and_then(NoncurrentVersionExpiration::noncurrent_days),
        rule.abort_incomplete_multipart_upload().and_then(AbortIncompleteMultipartUpload::days_after_initiation),
    )
}

fn unmade(error: aws_sdk_s3::error::BuildError) -> Fault {
    Fault::Refused { status: 0, code: "not sent".to_owned(), message: error.to_string() }
}
