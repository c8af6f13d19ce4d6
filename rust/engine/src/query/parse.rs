//! Filter documents to nodes. Whatever is not known here is refused.

use mongolane_bson::{Document, Value};

use super::bits::BitTest;
use super::matching::Node;
use super::predicate::{Comparison, ElementTest, Predicate, is_truthy};
use super::regex::Pattern;
use crate::expression::Expression;
use crate::geo::{Geo, Near};
use crate::number::Number;
use crate::number::whole_number;
use crate::path::Path;
use crate::schema::Schema;
use crate::text::Search;
use crate::{Error, Result};

const MAX_NESTING: usize = 100;

/// Parses a whole filter.
pub(crate) fn filter(document: &Document) -> Result<Node> {
    filter_at(document, 0)
}

fn filter_at(document: &Document, depth: usize) -> Result<Node> {
    if depth > MAX_NESTING {
        return Err(Error::new(2, "the filter is nested too deeply"));
    }
    let mut nodes = Vec::with_capacity(document.len());
    for (key, value) in document {
        match key.strip_prefix('$') {
            Some(_) => nodes.extend(logical(key, value, depth)?),
            None => field(key, value, depth, &mut nodes)?,
        }
    }
    Ok(if nodes.len() == 1 {
        nodes.remove(0)
    } else {
        Node::And(nodes)
    })
}

fn logical(key: &str, value: &Value, depth: usize) -> Result<Option<Node>> {
    Ok(Some(match key {
        "$and" => Node::And(clauses(key, value, depth)?),
        "$or" => Node::Or(clauses(key, value, depth)?),
        "$nor" => Node::Not(Box::new(Node::Or(clauses(key, value, depth)?))),
        "$expr" => Node::Expr(Box::new(Expression::parse(value)?)),
        "$comment" => return Ok(None),
        "$alwaysTrue" => Node::Constant(true),
        "$alwaysFalse" => Node::Constant(false),
        "$where" => return Err(Error::new(2, "no JavaScript engine, so no $where")),
        "$text" => Node::Text(Box::new(Search::parse(value)?)),
        "$jsonSchema" => Node::Schema(Box::new(Schema::parse(value)?)),
        "$sampleRate" => Node::Sample(sample_rate(value)?),
        _ => {
            return Err(Error::new(
                2,
                format!(
                    "unknown top level operator: {key}. If you have a field name that starts \
                     with a '$' symbol, consider using $getField or $setField."
                ),
            ));
        }
    }))
}

fn sample_rate(value: &Value) -> Result<f64> {
    let rate = Number::of(value).map(Number::to_f64);
    let rate =
        rate.ok_or_else(|| Error::new(2, "argument to $sampleRate must be a numeric type"))?;
    match (0.0..=1.0).contains(&rate) {
        true => Ok(rate),
        false => Err(Error::new(
            2,
            format!("numeric argument to $sampleRate must be in [0, 1], not {rate}"),
        )),
    }
}

fn not_done(operator: &str) -> Error {
    Error::new(238, format!("{operator} is not implemented by this server"))
}

fn clauses(key: &str, value: &Value, depth: usize) -> Result<Vec<Node>> {
    let Value::Array(items) = value else {
        return Err(Error::new(2, format!("{key} must be an array")));
    };
    if items.is_empty() {
        return Err(Error::new(2, "$and/$or/$nor must be a nonempty array"));
    }
    items
        .iter()
        .map(|item| match item {
            Value::Document(inner) => filter_at(inner, depth + 1),
            _ => Err(Error::new(
                2,
                "$or/$and/$nor entries need to be full objects",
            )),
        })
        .collect()
}

/// One field of a filter: a value to equal, a pattern, or operators.
fn field(key: &str, value: &Value, depth: usize, nodes: &mut Vec<Node>) -> Result<()> {
    match value {
        Value::Document(inner) if is_operators(inner) => operators(key, inner, depth, nodes),
        Value::Regex(text, options) => {
            nodes.push(leaf(key, Predicate::Regex(Pattern::new(text, options)?)));
            Ok(())
        }
        _ => {
            nodes.push(leaf(
                key,
                Predicate::Compare(Comparison::Equal, value.clone()),
            ));
            Ok(())
        }
    }
}

fn leaf(key: &str, predicate: Predicate) -> Node {
    Node::Field(Path::new(key), predicate)
}

fn is_reference(document: &Document) -> bool {
    document.contains_key("$ref") && document.contains_key("$id")
}

/// Whether a document is made of operators; a DBRef is not.
pub(crate) fn is_operators(document: &Document) -> bool {
    document
        .keys()
        .next()
        .is_some_and(|key| key.starts_with('$') && !is_reference(document))
}

/// The operators of one field: `{$gte: 1, $lt: 5}`.
pub(crate) fn operators(
    key: &str,
    inner: &Document,
    depth: usize,
    nodes: &mut Vec<Node>,
) -> Result<()> {
    if depth > MAX_NESTING {
        return Err(Error::new(2, "the filter is nested too deeply"));
    }
    for (operator, value) in inner {
        match operator.as_str() {
            "$regex" => nodes.push(leaf(key, regex(value, inner.get("$options"))?)),
            "$options" if inner.contains_key("$regex") => {}
            "$options" => return Err(Error::new(2, "$options needs a $regex")),
            "$all" => all(key, value, depth, nodes)?,
            "$elemMatch" => nodes.push(elem_match(key, value, depth)?),
            "$not" => nodes.push(not(key, value, depth)?),
            "$near" | "$nearSphere" => {
                let near = Near::parse(operator, value, inner)?;
                nodes.push(leaf(key, Predicate::Geo(Box::new(Geo::Near(near)))));
            }
            "$minDistance" | "$maxDistance"
                if inner.contains_key("$near") || inner.contains_key("$nearSphere") => {}
            _ => nodes.push(simple(key, operator, value)?),
        }
    }
    Ok(())
}

fn simple(key: &str, operator: &str, value: &Value) -> Result<Node> {
    let node = |predicate| leaf(key, predicate);
    let negated = |predicate| Node::Not(Box::new(leaf(key, predicate)));
    let compare = |comparison| Predicate::Compare(comparison, value.clone());
    Ok(match operator {
        "$eq" => node(compare(Comparison::Equal)),
        "$ne" => negated(no_regex("$ne", value, compare(Comparison::Equal))?),
        "$lt" => node(no_regex(operator, value, compare(Comparison::Less))?),
        "$lte" => node(no_regex(operator, value, compare(Comparison::LessOrEqual))?),
        "$gt" => node(no_regex(operator, value, compare(Comparison::Greater))?),
        "$gte" => node(no_regex(
            operator,
            value,
            compare(Comparison::GreaterOrEqual),
        )?),
        "$in" => node(among(operator, value)?),
        "$nin" => negated(among(operator, value)?),
        "$exists" if is_truthy(value) => node(Predicate::Exists),
        "$exists" => negated(Predicate::Exists),
        "$type" => node(Predicate::Type(types(value)?)),
        "$size" => node(Predicate::Size(size(value)?)),
        "$mod" => node(modulo(value)?),
        "$bitsAllSet" | "$bitsAnySet" | "$bitsAllClear" | "$bitsAnyClear" => {
            node(Predicate::Bits(BitTest::parse(operator, value)?))
        }
        "$comment" => Node::And(Vec::new()),
        "$geoWithin" | "$geoIntersects" | "$within" => {
            node(Predicate::Geo(Box::new(Geo::parse(operator, value)?)))
        }
        _ => return Err(Error::new(2, format!("unknown operator: {operator}"))),
    })
}

fn no_regex(operator: &str, value: &Value, predicate: Predicate) -> Result<Predicate> {
    match value {
        Value::Regex(..) => Err(Error::new(
            2,
            format!("Can't have regex as arg to {operator}."),
        )),
        _ => Ok(predicate),
    }
}

fn regex(value: &Value, options: Option<&Value>) -> Result<Predicate> {
    let extra = match options {
        None => None,
        Some(Value::String(text)) => Some(text.as_str()),
        Some(_) => return Err(Error::new(2, "$options has to be a string")),
    };
    let pattern = match value {
        Value::String(text) => Pattern::new(text, extra.unwrap_or(""))?,
        Value::Regex(text, own) => match extra {
            Some(_) if !own.is_empty() => {
                return Err(Error::new(51075, "options set in both $regex and $options"));
            }
            _ => Pattern::new(text, extra.unwrap_or(own))?,
        },
        _ => return Err(Error::new(2, "$regex has to be a string")),
    };
    Ok(Predicate::Regex(pattern))
}

fn among(operator: &str, value: &Value) -> Result<Predicate> {
    let Value::Array(items) = value else {
        return Err(Error::new(2, format!("{operator} needs an array")));
    };
    let (mut values, mut patterns) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Value::Regex(text, options) => patterns.push(Pattern::new(text, options)?),
            Value::Document(inner) if is_operators(inner) => {
                return Err(Error::new(2, format!("cannot nest $ under {operator}")));
            }
            _ => values.push(item.clone()),
        }
    }
    Ok(Predicate::In(values, patterns))
}

fn size(value: &Value) -> Result<i64> {
    match whole_number(value) {
        Some(size) if size < 0 => Err(Error::new(2, format!("$size may not be negative: {size}"))),
        Some(size) if !matches!(value, Value::Double(v) if v.fract() != 0.0) => Ok(size),
        _ => Err(Error::new(2, "Failed to parse $size. Expected an integer")),
    }
}

fn modulo(value: &Value) -> Result<Predicate> {
    let Value::Array(items) = value else {
        return Err(Error::new(2, "malformed mod, needs to be an array"));
    };
    let number = |value: &Value| {
        whole_number(value)
            .ok_or_else(|| Error::new(2, "malformed mod, divisor and remainder must be numbers"))
    };
    match items.as_slice() {
        [divisor, rest] => match number(divisor)? {
            0 => Err(Error::new(2, "divisor cannot be 0")),
            divisor => Ok(Predicate::Mod(divisor, number(rest)?)),
        },
        [] | [_] => Err(Error::new(2, "malformed mod, not enough elements")),
        _ => Err(Error::new(2, "malformed mod, too many elements")),
    }
}

/// The types that `$type` and `bsonType` name.
pub(crate) fn types(value: &Value) -> Result<Vec<u8>> {
    let items = match value {
        Value::Array(items) if items.is_empty() => {
            return Err(Error::new(9, "$type must match at least one type"));
        }
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut kinds = Vec::new();
    for item in items {
        kinds.extend(type_codes(item)?);
    }
    Ok(kinds)
}

const TYPE_NAMES: [(&str, u8); 21] = [
    ("double", 0x01),
    ("string", 0x02),
    ("object", 0x03),
    ("array", 0x04),
    ("binData", 0x05),
    ("undefined", 0x06),
    ("objectId", 0x07),
    ("bool", 0x08),
    ("date", 0x09),
    ("null", 0x0A),
    ("regex", 0x0B),
    ("dbPointer", 0x0C),
    ("javascript", 0x0D),
    ("symbol", 0x0E),
    ("javascriptWithScope", 0x0F),
    ("int", 0x10),
    ("timestamp", 0x11),
    ("long", 0x12),
    ("decimal", 0x13),
    ("minKey", 0xFF),
    ("maxKey", 0x7F),
];

fn type_codes(value: &Value) -> Result<Vec<u8>> {
    if let Value::String(name) = value {
        if name == "number" {
            return Ok(vec![0x01, 0x10, 0x12, 0x13]);
        }
        let known = TYPE_NAMES.iter().find(|(known, _)| known == name);
        return known
            .map(|(_, kind)| vec![*kind])
            .ok_or_else(|| Error::new(2, format!("Unknown type name alias: {name}")));
    }
    let Some(code) = whole_number(value) else {
        return Err(Error::new(
            14,
            "type must be represented as a number or a string",
        ));
    };
    if matches!(value, Value::Double(v) if v.fract() != 0.0) {
        return Err(Error::new(
            2,
            "Invalid numerical type code: not a whole number",
        ));
    }
    match u8::try_from(if code == -1 { 0xFF } else { code }) {
        Ok(code) if TYPE_NAMES.iter().any(|(_, kind)| *kind == code) => Ok(vec![code]),
        _ => Err(Error::new(
            2,
            format!("Invalid numerical type code: {code}"),
        )),
    }
}

fn all(key: &str, value: &Value, depth: usize, nodes: &mut Vec<Node>) -> Result<()> {
    let Value::Array(items) = value else {
        return Err(Error::new(2, "$all needs an array"));
    };
    if items.is_empty() {
        nodes.push(Node::Constant(false));
    }
    let by_element = items.first().is_some_and(|item| element_of(item).is_some());
    for item in items {
        nodes.push(match item {
            _ if by_element => match element_of(item) {
                Some(value) => elem_match(key, value, depth)?,
                None => return Err(Error::new(2, "$all/$elemMatch has to be consistent")),
            },
            Value::Regex(text, options) => {
                leaf(key, Predicate::Regex(Pattern::new(text, options)?))
            }
            Value::Document(inner) if is_operators(inner) => {
                return Err(Error::new(2, "no $ expressions in $all"));
            }
            _ => leaf(key, Predicate::Compare(Comparison::Equal, item.clone())),
        });
    }
    Ok(())
}

/// What `{$elemMatch: ...}` asks of an element.
fn element_of(item: &Value) -> Option<&Value> {
    match item {
        Value::Document(inner) if inner.len() == 1 => inner.get("$elemMatch"),
        _ => None,
    }
}

fn not(key: &str, value: &Value, depth: usize) -> Result<Node> {
    let mut nodes = Vec::new();
    match value {
        Value::Regex(..) => field(key, value, depth, &mut nodes)?,
        Value::Document(inner) if inner.is_empty() => {
            return Err(Error::new(2, "$not cannot be empty"));
        }
        Value::Document(inner) if is_operators(inner) => {
            operators(key, inner, depth + 1, &mut nodes)?;
        }
        Value::Document(inner) => {
            let first = inner.keys().next().unwrap_or_default();
            return Err(Error::new(2, format!("unknown operator: {first}")));
        }
        _ => return Err(Error::new(2, "$not needs a regex or a document")),
    }
    Ok(Node::Not(Box::new(Node::And(nodes))))
}

fn elem_match(key: &str, value: &Value, depth: usize) -> Result<Node> {
    let Value::Document(inner) = value else {
        return Err(Error::new(2, "$elemMatch needs an Object"));
    };
    let first = inner.keys().next().unwrap_or_default();
    if is_operators(inner) && !matches!(first, "$and" | "$or" | "$nor" | "$expr" | "$where") {
        return Ok(leaf(key, Predicate::Element(element_tests(inner, depth)?)));
    }
    Ok(Node::Element(
        Path::new(key),
        Box::new(filter_at(inner, depth + 1)?),
    ))
}

/// The operators inside `$elemMatch`, without a path of their own.
fn element_tests(inner: &Document, depth: usize) -> Result<Vec<ElementTest>> {
    let mut nodes = Vec::new();
    operators("", inner, depth + 1, &mut nodes)?;
    let mut tests = Vec::new();
    flatten(nodes, &mut tests)?;
    Ok(tests)
}

fn flatten(nodes: Vec<Node>, tests: &mut Vec<ElementTest>) -> Result<()> {
    for node in nodes {
        match node {
            Node::Field(_, predicate) => tests.push(ElementTest {
                negated: false,
                any: vec![predicate],
            }),
            Node::And(inner) => flatten(inner, tests)?,
            Node::Not(inner) => tests.push(ElementTest {
                negated: true,
                any: predicates(*inner)?,
            }),
            _ => return Err(not_done("this form of $elemMatch")),
        }
    }
    Ok(())
}

fn predicates(node: Node) -> Result<Vec<Predicate>> {
    match node {
        Node::Field(_, predicate) => Ok(vec![predicate]),
        Node::And(nodes) => {
            let parts = nodes
                .into_iter()
                .map(predicates)
                .collect::<Result<Vec<_>>>()?;
            Ok(parts.concat())
        }
        _ => Err(not_done("this form of $elemMatch")),
    }
}
