//! What may stand in an index's definition.

use mongolane_bson::{Document, Value};

use super::spec::is_geo;
use crate::number::Number;
use crate::number::whole_number;
use crate::{Error, Result};

/// What the value of an option must be.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Any,
    Bool,
    Document,
    Flag,
    Number,
    Text,
}

/// The options, each with the kind of index that it belongs to.
const OPTIONS: [(&str, Sort, &str); 26] = [
    ("v", Sort::Number, ""),
    ("key", Sort::Document, ""),
    ("name", Sort::Text, ""),
    ("ns", Sort::Any, ""),
    ("unique", Sort::Flag, ""),
    ("sparse", Sort::Flag, ""),
    ("background", Sort::Flag, ""),
    ("dropDups", Sort::Flag, ""),
    ("hidden", Sort::Bool, ""),
    ("partialFilterExpression", Sort::Document, ""),
    ("expireAfterSeconds", Sort::Any, ""),
    ("collation", Sort::Document, ""),
    ("storageEngine", Sort::Document, ""),
    ("weights", Sort::Any, "text"),
    ("default_language", Sort::Text, ""),
    ("language_override", Sort::Text, ""),
    ("textIndexVersion", Sort::Number, ""),
    ("2dsphereIndexVersion", Sort::Number, ""),
    ("finestIndexedLevel", Sort::Number, ""),
    ("coarsestIndexedLevel", Sort::Number, ""),
    ("bits", Sort::Number, ""),
    ("min", Sort::Number, ""),
    ("max", Sort::Number, ""),
    ("bucketSize", Sort::Number, ""),
    ("wildcardProjection", Sort::Any, "wildcard"),
    ("prepareUnique", Sort::Flag, ""),
];

/// Checks a definition; its name and its key.
pub(super) fn check(given: &Document) -> Result<(&str, &Document)> {
    for (key, value) in given {
        check_option(key, value)?;
    }
    let required = |key: &str| {
        let message = format!("The '{key}' field is a required property of an index specification");
        Error::new(9, message)
    };
    let Some(Value::Document(keys)) = given.get("key") else {
        return Err(required("key"));
    };
    let kind = check_keys(keys)?;
    let Some(Value::String(name)) = given.get("name") else {
        return Err(required("name"));
    };
    check_name(name)?;
    check_kind(kind, keys, given)?;
    Ok((name, keys))
}

fn check_option(key: &str, value: &Value) -> Result<()> {
    let Some((_, sort, _)) = OPTIONS.iter().find(|(known, ..)| *known == key) else {
        let message = format!("The field '{key}' is not valid for an index specification");
        return Err(Error::new(197, message));
    };
    let is_number = Number::of(value).is_some();
    let (fits, expected) = match sort {
        Sort::Any => (true, ""),
        Sort::Bool => (matches!(value, Value::Bool(_)), "a bool"),
        Sort::Document => (matches!(value, Value::Document(_)), "an object"),
        Sort::Flag => (matches!(value, Value::Bool(_)) || is_number, "a bool"),
        Sort::Number => (is_number, "a number"),
        Sort::Text => (matches!(value, Value::String(_)), "a string"),
    };
    if !fits {
        let found = value.type_name();
        let message = format!("The field '{key}' must be {expected}, but got {found}");
        return Err(Error::new(14, message));
    }
    match (key, value) {
        ("v", version) if !matches!(whole_number(version), Some(1 | 2)) => Err(Error::new(
            67,
            "Invalid index specification: an index's v is 1 or 2",
        )),
        ("collation", Value::Document(collation)) if collation.is_empty() => Err(Error::new(
            2,
            "The field 'collation' cannot be an empty object.",
        )),
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Result<()> {
    match name {
        "*" => Err(Error::new(2, "The index name '*' is not valid.")),
        "" => Err(Error::new(67, "index name cannot be empty")),
        _ if name.contains('\0') => Err(Error::new(67, "index name cannot contain NUL bytes")),
        _ => Ok(()),
    }
}

fn refused<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(67, message))
}

/// Whether a key takes in fields by a wildcard.
pub(super) fn is_wildcard(keys: &Document) -> bool {
    let is_star = |key: &str| key == "$**" || key.ends_with(".$**");
    keys.iter()
        .any(|(key, value)| is_star(key) && Number::of(value).is_some())
}

/// Checks a key; the kind of index that it asks for.
fn check_keys(keys: &Document) -> Result<&str> {
    if keys.is_empty() {
        return refused("Index keys cannot be an empty object");
    }
    let mut kind = if is_wildcard(keys) { "wildcard" } else { "" };
    for (field, value) in keys {
        if let Value::String(asked) = value {
            match asked.as_str() {
                "hashed" | "text" => {}
                asked if is_geo(asked) => {}
                "wildcard" => {
                    return refused("a 'wildcard' index's value must be a non-zero number");
                }
                "" => return refused("Values in the index key pattern cannot be empty strings"),
                _ => return refused(format!("Unknown index plugin '{asked}'")),
            }
            if !kind.is_empty() && kind != asked {
                return refused("Can't use more than one index plugin for a single index.");
            }
            kind = asked;
        } else {
            check_direction(value)?;
        }
        check_field(field, value)?;
    }
    Ok(kind)
}

fn check_direction(value: &Value) -> Result<()> {
    match Number::of(value) {
        Some(number) if number.is_nan() => {
            refused("Values in the index key pattern cannot be NaN.")
        }
        Some(number) if number.is_zero() => refused("Values in the index key pattern cannot be 0."),
        Some(_) => Ok(()),
        None => refused(format!(
            "Values in v:2 index key pattern cannot be of type {}. Only numbers > 0, numbers < 0, \
             and strings are allowed.",
            value.type_name()
        )),
    }
}

fn check_field(field: &str, value: &Value) -> Result<()> {
    let is_text = matches!(value, Value::String(kind) if kind == "text");
    let is_number = Number::of(value).is_some();
    if field == "$**" && (is_text || is_number) {
        return Ok(());
    }
    let parts: Vec<_> = field.split('.').collect();
    if parts.iter().any(|part| part.is_empty()) {
        return refused("Index keys cannot contain an empty field");
    }
    let is_reference = |at: usize, part: &str| at > 0 && matches!(part, "$db" | "$id" | "$ref");
    let is_star = |at: usize, part: &str| at + 1 == parts.len() && part == "$**" && is_number;
    let illegal = |(at, part): (usize, &&str)| {
        part.starts_with('$') && !is_reference(at, part) && !is_star(at, part)
    };
    if parts.iter().enumerate().any(illegal) || (field == "_fts" && !is_text) {
        return refused(format!("Index key contains an illegal field name: {field}"));
    }
    Ok(())
}

/// Checks what only indexes of some kind can have.
fn check_kind(kind: &str, keys: &Document, given: &Document) -> Result<()> {
    for (key, _, of) in OPTIONS {
        if !of.is_empty() && of != kind && given.contains_key(key) {
            let message = format!("The field '{key}' is only allowed in '{of}' indexes");
            return Err(Error::new(if key == "weights" { 67 } else { 2 }, message));
        }
    }
    let has = |key: &str| given.get(key).is_some_and(crate::query::is_truthy);
    let alike = |wanted: &str| {
        let is_it = |value: &Value| matches!(value, Value::String(kind) if kind == wanted);
        keys.iter().filter(|(_, value)| is_it(value)).count()
    };
    let simple = |given: &Document| given.get("locale") == Some(&Value::from("simple"));
    match kind {
        "wildcard" => check_wildcard(keys, given)?,
        "hashed" if has("unique") => {
            return Err(Error::new(
                16764,
                "Currently hashed indexes cannot guarantee uniqueness. Use a regular index.",
            ));
        }
        "hashed" if alike("hashed") > 1 => {
            let message = "A maximum of one index field is allowed to be hashed";
            return Err(Error::new(31303, message));
        }
        "2d" if alike("2d") > 1 => return Err(Error::new(16800, "can't have 2 geo fields")),
        "text" | "2d" => match given.get("collation") {
            Some(Value::Document(collation)) if !simple(collation) => {
                return refused(format!("Index type '{kind}' does not support collation"));
            }
            _ => {}
        },
        _ => {}
    }
    check_id(keys, given)
}

fn check_wildcard(keys: &Document, given: &Document) -> Result<()> {
    let is_star = |key: &&str| *key == "$**" || key.ends_with(".$**");
    if keys.keys().filter(is_star).count() > 1 {
        return refused("wildcard indexes do not allow more than one wildcard field");
    }
    for option in ["unique", "sparse", "expireAfterSeconds"] {
        let is_asked = given
            .get(option)
            .is_some_and(|value| option == "expireAfterSeconds" || crate::query::is_truthy(value));
        if is_asked {
            return refused(format!(
                "Index type 'wildcard' does not support the {option} option"
            ));
        }
    }
    match given.get("wildcardProjection") {
        None if keys.contains_key("$**") && keys.len() > 1 => refused(
            "Compound wildcard indexes on all fields must also specify 'wildcardProjection' option",
        ),
        None => Ok(()),
        Some(Value::Document(_)) if !keys.contains_key("$**") => Err(Error::new(
            9,
            "The field 'wildcardProjection' is only allowed when 'key' is {\"$**\": 1}",
        )),
        Some(Value::Document(projection)) if projection.is_empty() => Err(Error::new(
            9,
            "The 'wildcardProjection' field can't be an empty object",
        )),
        Some(Value::Document(projection)) => {
            let variables = crate::expression::Variables::default();
            crate::query::Projection::parse(projection, variables).map(drop)
        }
        Some(other) => Err(Error::new(
            14,
            format!(
                "The field 'wildcardProjection' must be a non-empty object, but got {}",
                other.type_name()
            ),
        )),
    }
}

/// The index of `_id` is what it is.
fn check_id(keys: &Document, given: &Document) -> Result<()> {
    let is_id = keys.len() == 1 && matches!(keys.get("_id").map(whole_number), Some(Some(1)));
    const ALLOWED: [&str; 6] = ["collation", "name", "v", "key", "ns", "background"];
    if let Some(other) = given.keys().find(|key| is_id && !ALLOWED.contains(key)) {
        let message = format!("The field '{other}' is not valid for an _id index specification");
        return Err(Error::new(197, message));
    }
    Ok(())
}

/// Seconds after the indexed date at which a document goes away.
pub(super) fn expire_after(given: &Document) -> Result<Option<i64>> {
    let Some(value) = given.get("expireAfterSeconds") else {
        return Ok(None);
    };
    if matches!(given.get("key"), Some(Value::Document(keys)) if keys.len() > 1) {
        return refused(
            "TTL indexes are single-field indexes, compound indexes do not support TTL.",
        );
    }
    match whole_number(value) {
        Some(seconds) if (0..=i64::from(i32::MAX)).contains(&seconds) => Ok(Some(seconds)),
        _ => refused("TTL index 'expireAfterSeconds' option must be within an acceptable range"),
    }
}

/// The options that are listed though nobody gave them, and those that are
/// kept as whole numbers.
pub(super) fn defaults(keys: &Document, given: &Document) -> Document {
    let mut options = Document::new();
    let is_sphere = |value: &Value| matches!(value, Value::String(kind) if kind == "2dsphere");
    for key in ["bits", "finestIndexedLevel", "coarsestIndexedLevel"] {
        if let Some(number) = given.get(key).and_then(whole_number) {
            options.push(key, number as i32);
        }
    }
    if keys.iter().any(|(_, value)| is_sphere(value)) {
        let version = given.get("2dsphereIndexVersion").and_then(whole_number);
        options.push("2dsphereIndexVersion", version.unwrap_or(3) as i32);
    }
    options
}
