//! `$geoNear`: the stage that a pipeline may begin with, documents by distance.

use mongolane_bson::{Document, Value};

use super::Call;
use super::search::{search, stored};
use crate::expression::Variables;
use crate::geo::Near;
use crate::path::{self, Leaf, Path, Raw};
use crate::query::{Matcher, is_truthy};
use crate::storage::{Bytes, Collection, Namespace};
use crate::{Error, Result};

const FIELDS: [&str; 9] = [
    "near",
    "distanceField",
    "spherical",
    "maxDistance",
    "minDistance",
    "query",
    "distanceMultiplier",
    "includeLocs",
    "key",
];

/// The specification of a pipeline's first stage, if that is `$geoNear`.
pub(crate) fn first(stages: &[Value]) -> Option<&Value> {
    match stages.first() {
        Some(Value::Document(stage)) if stage.len() == 1 => stage.get("$geoNear"),
        _ => None,
    }
}

/// The documents of a collection by their distance, which is written into them.
pub(crate) fn run(
    call: &Call<'_>,
    namespace: &Namespace,
    spec: &Value,
    variables: &Variables,
) -> Result<Vec<Bytes>> {
    let Value::Document(spec) = spec else {
        return Err(Error::new(10065, "$geoNear needs an object"));
    };
    let (near, field) = parse(spec)?;
    let empty = Document::new();
    let filter = match spec.get("query") {
        Some(Value::Document(filter)) => filter,
        _ => &empty,
    };
    let matcher = Matcher::parse_with(filter, variables.clone())?;
    let Some(slot) = call.state.catalog.get(namespace) else {
        return Ok(Vec::new());
    };
    let content = slot.content.read();
    let key = key(&content, spec.get("key"))?;
    let mut found = Vec::new();
    search(call, &content, None, &matcher, |_, bytes, _| {
        if let Some(distance) = distance(&near, &key, bytes) {
            found.push((distance, bytes.clone()));
        }
        Ok(true)
    })?;
    drop(content);
    found.sort_by(|l, r| l.0.total_cmp(&r.0));
    found
        .into_iter()
        .map(|(distance, bytes)| shown(spec, field, &key, distance, &bytes))
        .collect()
}

fn parse(spec: &Document) -> Result<(Near, &str)> {
    if let Some(unknown) = spec.keys().find(|key| !FIELDS.contains(key)) {
        let message = format!("Unknown argument to $geoNear: {unknown}");
        return Err(Error::new(40415, message));
    }
    let Some(Value::String(field)) = spec.get("distanceField") else {
        let message = "$geoNear requires a 'distanceField' option as a String";
        return Err(Error::new(16606, message));
    };
    let on_sphere = spec.get("spherical").is_some_and(is_truthy);
    Ok((Near::new(spec.get("near"), on_sphere, spec, "")?, field))
}

/// The field that is meant: the one named, or the only one with such an index.
fn key(content: &Collection, named: Option<&Value>) -> Result<Path> {
    let fields: Vec<_> = content.geo_fields().collect();
    match (named, fields.as_slice()) {
        (Some(Value::String(name)), fields) if fields.contains(&name.as_str()) => {
            Ok(Path::new(name))
        }
        (None, [only]) => Ok(Path::new(only)),
        (None, [_, ..]) => Err(Error::new(
            67,
            "There is more than one 2d or 2dsphere index; unsure which to use for $geoNear",
        )),
        _ => Err(Error::new(
            27,
            "$geoNear requires a 2d or 2dsphere index, but none were found",
        )),
    }
}

/// The distance of the nearest of a document's places.
pub(crate) fn distance(near: &Near, key: &Path, bytes: &[u8]) -> Option<f64> {
    let mut best: Option<f64> = None;
    path::visit(&Raw(bytes), key, Leaf::Both, &mut |value, _| {
        let distance = value.and_then(|value| near.distance(value));
        best = match (best, distance) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        false
    });
    best
}

fn shown(spec: &Document, field: &str, key: &Path, distance: f64, bytes: &[u8]) -> Result<Bytes> {
    let mut document = stored(bytes)?;
    let factor = spec
        .get("distanceMultiplier")
        .and_then(crate::number::Number::of);
    let distance = distance * factor.map_or(1.0, crate::number::Number::to_f64);
    let place = path::get(&document, key.as_str()).cloned();
    put(&mut document, field, Value::Double(distance));
    if let (Some(Value::String(field)), Some(place)) = (spec.get("includeLocs"), place) {
        put(&mut document, field, place);
    }
    Ok(Bytes::from(document.to_bytes()))
}

/// Sets a dotted field; whatever lies on the way becomes a document.
fn put(document: &mut Document, field: &str, value: Value) {
    let Some((first, rest)) = field.split_once('.') else {
        document.insert(field, value);
        return;
    };
    let mut inner = match document.remove(first) {
        Some(Value::Document(inner)) => inner,
        _ => Document::new(),
    };
    put(&mut inner, rest, value);
    document.insert(first, Value::Document(inner));
}
