//! The bucket's lifecycle, by rusoto's signing alone.
//!
//! `rusoto_s3` would read the rules of others, drop what it is too old to know, and write the rest back. So the text is kept as it came, and only our own
//! rules in it are exchanged.

use rusoto_core::param::{Params, ServiceParams};
use rusoto_core::signature::SignedRequest;

use super::{Rusoto, element};
use crate::calls::Belt;
use crate::fault::Fault;

pub(super) async fn put_on(rusoto: &Rusoto, belt: &Belt) -> Result<bool, Fault> {
    let asked = || async { rusoto.send(&rusoto.raw, request(rusoto, "GET")).await };
    let text = match rusoto.patiently(asked).await {
        Ok(answer) => answer.body_as_str().to_owned(),
        Err(Fault::Missing) => String::new(),
        Err(other) => return Err(other),
    };
    let Some(new) = exchanged(&text, belt)? else { return Ok(false) };
    let put = || async {
        let mut request = request(rusoto, "PUT");
        request.set_payload(Some(new.clone().into_bytes()));
        request.maybe_set_content_md5_header();
        rusoto.send(&rusoto.raw, request).await
    };
    rusoto.patiently(put).await?;
    Ok(true)
}

fn request(rusoto: &Rusoto, method: &str) -> SignedRequest {
    let mut request = rusoto.request(method, &format!("/{}", rusoto.bucket));
    let mut params = Params::new();
    params.put_key("lifecycle");
    request.set_params(params);
    request
}

/// The configuration with our rules in it; `None` when they are in it already.
fn exchanged(text: &str, belt: &Belt) -> Result<Option<String>, Fault> {
    let rules = rules(text)?;
    let ours = [objects(belt), markers(belt)];
    if ours.iter().all(|our| rules.iter().any(|found| says(found) == says(our))) {
        return Ok(None);
    }
    let of_others = |rule: &&str| ![Some(&*belt.id), Some(&*belt.markers_id)].contains(&element(rule, "ID"));
    let kept = rules.into_iter().filter(of_others).map(str::to_owned);
    let rules: String = kept.chain(ours).collect();
    Ok(Some(format!(
        "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</LifecycleConfiguration>"
    )))
}

/// The rules, each with its tags.
fn rules(mut text: &str) -> Result<Vec<&str>, Fault> {
    let mut rules = Vec::new();
    while let Some(from) = text.find("<Rule>") {
        const END: &str = "</Rule>";
        let to =
            text.find(END).filter(|to| *to > from).ok_or_else(|| Fault::nonsense("a lifecycle rule has no end"))?;
        rules.push(&text[from..to + END.len()]);
        text = &text[to + END.len()..];
    }
    Ok(rules)
}

fn objects(belt: &Belt) -> String {
    let Belt { id, prefix, days, .. } = belt;
    format!(
        "<Rule><ID>{id}</ID><Filter><Prefix>{prefix}</Prefix></Filter><Status>Enabled</Status>\
         <Expiration><Days>{days}</Days></Expiration>\
         <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>\
         <AbortIncompleteMultipartUpload><DaysAfterInitiation>{days}</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
    )
}

fn markers(belt: &Belt) -> String {
    let Belt { markers_id, prefix, .. } = belt;
    format!(
        "<Rule><ID>{markers_id}</ID><Filter><Prefix>{prefix}</Prefix></Filter><Status>Enabled</Status>\
         <Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>"
    )
}

/// What of a rule is ours to set, whatever the order and the white space.
fn says(rule: &str) -> [Option<String>; 9] {
    // With a tag or a size beside the prefix, a rule holds for less than ours.
    let words = [
        "ID",
        "Prefix",
        "Status",
        "Days",
        "ExpiredObjectDeleteMarker",
        "NoncurrentDays",
        "DaysAfterInitiation",
        "Tag",
        "And",
    ];
    words.map(|tag| element(rule, tag).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belt(days: i32) -> Belt {
        Belt { id: "sluis-1".into(), markers_id: "sluis-1-markers".into(), prefix: "a/".into(), days }
    }

    #[test]
    fn our_rules_are_added_once_and_changed_when_the_days_do() {
        let first = exchanged("", &belt(4)).unwrap().unwrap();
        assert_eq!(rules(&first).unwrap().len(), 2);
        assert_eq!(exchanged(&first, &belt(4)).unwrap(), None);
        let second = exchanged(&first, &belt(5)).unwrap().unwrap();
        assert_eq!(rules(&second).unwrap().len(), 2);
        assert!(second.contains("<Days>5</Days>") && !second.contains("<Days>4</Days>"));
    }

    #[test]
    fn the_rules_of_others_stay_to_the_letter() {
        let other = "<Rule><ID>logs</ID><Filter><And><Prefix>l/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>\
                     <Status>Disabled</Status><Novelty>of 2031</Novelty></Rule>";
        let text = format!("<?xml version=\"1.0\"?><LifecycleConfiguration>{other}</LifecycleConfiguration>");
        let new = exchanged(&text, &belt(4)).unwrap().unwrap();
        assert!(new.contains(other), "{new}");
        assert_eq!(rules(&new).unwrap().len(), 3);
    }

    #[test]
    fn a_broken_configuration_is_not_overwritten() {
        assert!(exchanged("<LifecycleConfiguration><Rule><ID>logs</ID>", &belt(4)).is_err());
    }
}
