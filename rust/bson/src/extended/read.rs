//! Extended JSON to values: plain objects whose first `$` key names a type.

use super::parse::{Json, parse};
use crate::calendar::days;
use crate::error::{Error, Result};
use crate::{Decimal128, Document, MAX_DEPTH, Value};

type Members = Vec<(String, Json)>;

/// Reads a document from extended JSON, canonical or relaxed (and the old forms
/// of binary, regular expressions, dates and UUIDs that are still met).
pub fn from_text(text: &str) -> Result<Document> {
    match parse(text)? {
        Json::Object(members) => match object(members)? {
            Value::Document(document) if !deeper(&document, MAX_DEPTH) => Ok(document),
            Value::Document(_) => Err(wrong("nested too deeply")),
            _ => Err(wrong("a value where a document must be")),
        },
        _ => Err(wrong("a value where a document must be")),
    }
}

/// Whether documents lie in this one, or in its values, more than `levels` deep. (JSON
/// goes deeper, where objects tell a value's type; it has a limit of its own.)
fn deeper(document: &Document, levels: usize) -> bool {
    fn below(value: &Value, levels: usize) -> bool {
        match value {
            Value::Document(inner) | Value::CodeWithScope(_, inner) => {
                levels == 0 || deeper(inner, levels - 1)
            }
            Value::Array(items) => levels == 0 || items.iter().any(|item| below(item, levels - 1)),
            _ => false,
        }
    }
    document.iter().any(|(_, value)| below(value, levels))
}

#[cold]
fn wrong(what: &'static str) -> Error {
    Error::new(what, 0)
}

fn value(json: Json) -> Result<Value> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(text) => number(&text)?,
        Json::Text(text) => Value::String(text),
        Json::Array(items) => {
            let items = items.into_iter().enumerate();
            let read =
                |(at, item)| value(item).map_err(|e| e.within(usize::to_string(&at).as_bytes()));
            Value::Array(items.map(read).collect::<Result<_>>()?)
        }
        Json::Object(members) => object(members)?,
    })
}

fn number(text: &str) -> Result<Value> {
    if let Ok(small) = text.parse::<i32>() {
        return Ok(if text == "-0" {
            Value::Int32(0)
        } else {
            Value::Int32(small)
        });
    }
    if let Ok(large) = text.parse::<i64>() {
        return Ok(Value::Int64(large));
    }
    text.parse()
        .map(Value::Double)
        .map_err(|_| wrong("no JSON number"))
}

fn object(members: Members) -> Result<Value> {
    let typed = members
        .iter()
        .map(|(key, _)| key.as_str())
        .find(|key| is_type(key));
    match typed.map(str::to_owned) {
        Some(key) => match typed_value(&key, &members)? {
            Some(value) => Ok(value),
            None => document(members),
        },
        None => document(members),
    }
}

fn document(members: Members) -> Result<Value> {
    let mut made = Document::new();
    for (key, json) in members {
        if key.contains('\0') {
            return Err(wrong("a key with a NUL in it"));
        }
        let item = value(json).map_err(|error| error.within(key.as_bytes()))?;
        made.push(key, item);
    }
    Ok(Value::Document(made))
}

fn is_type(key: &str) -> bool {
    const KEYS: [&str; 18] = [
        "$oid",
        "$symbol",
        "$numberInt",
        "$numberLong",
        "$numberDouble",
        "$numberDecimal",
        "$binary",
        "$uuid",
        "$code",
        "$scope",
        "$timestamp",
        "$regularExpression",
        "$regex",
        "$dbPointer",
        "$date",
        "$minKey",
        "$maxKey",
        "$undefined",
    ];
    KEYS.contains(&key)
}

/// The typed value; None when the object only looks like one (`$regex` of a query).
fn typed_value(key: &str, members: &Members) -> Result<Option<Value>> {
    Ok(Some(match key {
        "$oid" => Value::ObjectId(object_id(text_of(only(members, key)?)?)?),
        "$symbol" => Value::Symbol(text_of(only(members, key)?)?.to_owned()),
        "$numberInt" => Value::Int32(spelt(only(members, key)?)?),
        "$numberLong" => Value::Int64(spelt(only(members, key)?)?),
        "$numberDouble" => Value::Double(double(text_of(only(members, key)?)?)?),
        "$numberDecimal" => decimal(text_of(only(members, key)?)?)?,
        "$binary" => return binary(members),
        "$uuid" => uuid(text_of(only(members, key)?)?)?,
        "$code" | "$scope" => code(members)?,
        "$timestamp" => timestamp(only(members, key)?)?,
        "$regularExpression" => regex(only(members, key)?)?,
        "$regex" => return Ok(old_regex(members)),
        "$dbPointer" => pointer(only(members, key)?)?,
        "$date" => date(only(members, key)?)?,
        "$minKey" => one(only(members, key)?, Value::MinKey)?,
        "$maxKey" => one(only(members, key)?, Value::MaxKey)?,
        _ => match only(members, key)? {
            Json::Bool(true) => Value::Undefined,
            _ => return Err(wrong("$undefined must be true")),
        },
    }))
}

/// The value of an object's only key.
fn only<'a>(members: &'a Members, key: &str) -> Result<&'a Json> {
    match members.as_slice() {
        [(found, value)] if found == key => Ok(value),
        _ => Err(wrong("a typed value with keys beside its own")),
    }
}

/// The values of exactly these keys, in whatever order they came.
fn both<'a>(json: &'a Json, first: &str, second: &str) -> Result<(&'a Json, &'a Json)> {
    let Json::Object(members) = json else {
        return Err(wrong("a typed value that must be an object"));
    };
    let get = |key: &str| members.iter().find(|(found, _)| found == key).map(|m| &m.1);
    match (members.len(), get(first), get(second)) {
        (2, Some(a), Some(b)) => Ok((a, b)),
        _ => Err(wrong(
            "a typed value with missing keys or keys beside its own",
        )),
    }
}

fn text_of(json: &Json) -> Result<&str> {
    match json {
        Json::Text(text) => Ok(text),
        _ => Err(wrong("a typed value that must be text")),
    }
}

fn spelt<T: std::str::FromStr>(json: &Json) -> Result<T> {
    text_of(json)?
        .parse()
        .map_err(|_| wrong("a number that is none, or out of range"))
}

fn double(text: &str) -> Result<f64> {
    match text {
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        _ if text.contains(|c: char| c.is_alphabetic() && c != 'e' && c != 'E') => {
            Err(wrong("a number that is none"))
        }
        _ => text.parse().map_err(|_| wrong("a number that is none")),
    }
}

fn decimal(text: &str) -> Result<Value> {
    let number: Decimal128 = text.parse().map_err(|_| wrong("no Decimal128"))?;
    Ok(Value::Decimal128(number.to_bytes()))
}

fn nibbles(text: &str) -> Result<Vec<u8>> {
    let digit = |byte: &u8| (*byte as char).to_digit(16).map(|digit| digit as u8);
    let digits: Option<Vec<u8>> = text.as_bytes().iter().map(digit).collect();
    digits.ok_or_else(|| wrong("no hex digits"))
}

fn object_id(text: &str) -> Result<[u8; 12]> {
    let bytes: Vec<u8> = nibbles(text)?
        .chunks(2)
        .map(|p| p[0] << 4 | p[p.len() - 1])
        .collect();
    match <[u8; 12]>::try_from(bytes) {
        Ok(id) if text.len() == 24 => Ok(id),
        _ => Err(wrong("an ObjectId that has not 24 hex digits")),
    }
}

fn uuid(text: &str) -> Result<Value> {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = nibbles(&text.replace('-', ""))?;
    if parts != [8, 4, 4, 4, 12] {
        return Err(wrong("no UUID"));
    }
    Ok(Value::Binary(
        4,
        digits.chunks(2).map(|p| p[0] << 4 | p[1]).collect(),
    ))
}

fn binary(members: &Members) -> Result<Option<Value>> {
    let get = |key: &str| members.iter().find(|(found, _)| found == key).map(|m| &m.1);
    let (data, subtype) = match (get("$binary"), get("$type")) {
        (Some(Json::Text(data)), Some(Json::Text(subtype))) if members.len() == 2 => {
            (data.as_str(), subtype.as_str())
        }
        _ => {
            let (data, subtype) = both(only(members, "$binary")?, "base64", "subType")?;
            (text_of(data)?, text_of(subtype)?)
        }
    };
    let subtype = match subtype.len() {
        1 | 2 => u8::from_str_radix(subtype, 16).map_err(|_| wrong("no binary subtype"))?,
        _ => return Err(wrong("a binary subtype that has not one or two digits")),
    };
    Ok(Some(Value::Binary(subtype, base64(data)?)))
}

fn base64(text: &str) -> Result<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let text = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut word, mut bits) = (0u32, 0);
    for byte in text.bytes() {
        let digit = digit(byte).ok_or_else(|| wrong("no Base64"))?;
        word = word << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    Ok(out)
}

fn code(members: &Members) -> Result<Value> {
    let get = |key: &str| members.iter().find(|(found, _)| found == key).map(|m| &m.1);
    let text = || text_of(get("$code").ok_or_else(|| wrong("$scope without $code"))?);
    match (members.len(), get("$scope")) {
        (1, None) => Ok(Value::Code(text()?.to_owned())),
        (2, Some(Json::Object(scope))) => {
            let mut made = Document::new();
            for (key, json) in scope {
                made.push(key.as_str(), value(copied(json))?);
            }
            Ok(Value::CodeWithScope(text()?.to_owned(), made))
        }
        _ => Err(wrong(
            "code with a scope that is no document, or other keys",
        )),
    }
}

fn copied(json: &Json) -> Json {
    match json {
        Json::Null => Json::Null,
        Json::Bool(flag) => Json::Bool(*flag),
        Json::Number(text) => Json::Number(text.clone()),
        Json::Text(text) => Json::Text(text.clone()),
        Json::Array(items) => Json::Array(items.iter().map(copied).collect()),
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(k, v)| (k.clone(), copied(v)))
                .collect(),
        ),
    }
}

fn timestamp(json: &Json) -> Result<Value> {
    let part = |json: &Json| match json {
        Json::Number(text) => text
            .parse::<u32>()
            .map_err(|_| wrong("no part of a timestamp")),
        _ => Err(wrong("no part of a timestamp")),
    };
    let (seconds, increment) = both(json, "t", "i")?;
    Ok(Value::Timestamp(part(seconds)?, part(increment)?))
}

fn regex(json: &Json) -> Result<Value> {
    let (pattern, options) = both(json, "pattern", "options")?;
    let (pattern, options) = (text_of(pattern)?, text_of(options)?);
    if pattern.contains('\0') || options.contains('\0') {
        return Err(wrong("a regular expression with a NUL in it"));
    }
    Ok(Value::Regex(pattern.to_owned(), sorted(options)))
}

fn sorted(options: &str) -> String {
    let mut letters: Vec<char> = options.chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// `{"$regex": text, "$options": text}`; with anything else it is a query's operator.
fn old_regex(members: &Members) -> Option<Value> {
    match members.as_slice() {
        [(a, Json::Text(pattern)), (b, Json::Text(options))]
            if a == "$regex" && b == "$options" =>
        {
            Some(Value::Regex(pattern.clone(), sorted(options)))
        }
        _ => None,
    }
}

fn pointer(json: &Json) -> Result<Value> {
    let (namespace, id) = both(json, "$ref", "$id")?;
    match id {
        Json::Object(members) => {
            let id = object_id(text_of(only(members, "$oid")?)?)?;
            Ok(Value::DbPointer(text_of(namespace)?.to_owned(), id))
        }
        _ => Err(wrong("a DBPointer whose $id is no ObjectId")),
    }
}

fn one(json: &Json, value: Value) -> Result<Value> {
    match json {
        Json::Number(text) if text == "1" => Ok(value),
        _ => Err(wrong("$minKey and $maxKey must be 1")),
    }
}

fn date(json: &Json) -> Result<Value> {
    match json {
        Json::Object(members) => Ok(Value::DateTime(spelt(only(members, "$numberLong")?)?)),
        Json::Text(text) => {
            let milliseconds = iso(text).ok_or_else(|| wrong("no ISO 8601 date"))?;
            Ok(Value::DateTime(milliseconds))
        }
        _ => Err(wrong("no date")),
    }
}

/// `2024-01-31T23:59:59.123Z` (or `+01:00`) as milliseconds.
fn iso(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = text.get(range)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if !punctuation
        .iter()
        .all(|(at, mark)| text.as_bytes().get(*at) == Some(mark))
    {
        return None;
    }
    let day = days(
        number(0..4)? as i32,
        number(5..7)? as u8,
        number(8..10)? as u8,
    );
    let seconds = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let rest = text.get(19..)?;
    let zone = rest.find(['Z', '+', '-'])?;
    let thousandths = match rest[..zone].strip_prefix('.') {
        Some(digits) => format!("{digits:0<3}").get(..3)?.parse::<i64>().ok()?,
        None if zone == 0 => 0,
        None => return None,
    };
    Some((day * 86_400 + seconds - offset(&rest[zone..])?) * 1000 + thousandths)
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let digits: String = zone[1..].chars().filter(char::is_ascii_digit).collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).unwrap_or("0").parse().ok()?;
    let size = hours * 3600 + minutes * 60;
    Some(if zone.starts_with('-') { -size } else { size })
}
