//! `$jsonSchema`: what a schema asks of a value, by draft 4 of JSON Schema with
//! MongoDB's additions and omissions.

mod failures;
mod rules;

use mongolane_bson::{Document, Value};

use crate::number::whole_number;
use crate::query::{Pattern, bson_types};
use crate::{Error, Result};
use rules::{Dependency, Limit, Rule};

/// A schema, parsed once.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    keywords: Vec<Keyword>,
    /// `title` and `description`, which only explain.
    notes: Document,
}

/// A keyword as it was given, and what it asks.
#[derive(Clone, Debug)]
struct Keyword {
    name: String,
    given: Value,
    rule: Rule,
}

/// How deep schemas may lie within each other.
const MAX_NESTING: usize = 100;

impl Schema {
    /// Parses what stands behind `$jsonSchema`.
    ///
    /// # Errors
    /// FailedToParse or TypeMismatch, as MongoDB says it.
    pub(crate) fn parse(given: &Value) -> Result<Self> {
        match given {
            Value::Document(given) => Self::parse_at(given, 0),
            _ => Err(Error::new(14, "$jsonSchema must be an object")),
        }
    }

    fn parse_at(given: &Document, depth: usize) -> Result<Self> {
        if depth > MAX_NESTING {
            return Err(Error::new(2, "the $jsonSchema is nested too deeply"));
        }
        let mut schema = Self {
            keywords: Vec::with_capacity(given.len()),
            notes: Document::new(),
        };
        for (name, value) in given {
            match name.as_str() {
                "title" | "description" => {
                    text(name, value)?;
                    schema.notes.push(name.as_str(), value.clone());
                }
                _ => {
                    if let Some(rule) = (Parse { given, depth }).rule(name, value)? {
                        schema.keywords.push(Keyword {
                            name: name.clone(),
                            given: value.clone(),
                            rule,
                        });
                    }
                }
            }
        }
        Ok(schema)
    }

    /// Whether a value has all that is asked for.
    ///
    /// # Errors
    /// Where a pattern needs too many steps.
    pub(crate) fn holds(&self, value: &Value) -> Result<bool> {
        for keyword in &self.keywords {
            if !keyword.rule.holds(value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One level of a schema while it is parsed.
struct Parse<'a> {
    given: &'a Document,
    depth: usize,
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(9, message)
}

fn wrong(name: &str, expected: &str) -> Error {
    let message = format!("$jsonSchema keyword '{name}' must be {expected}");
    Error::new(14, message)
}

fn text<'v>(name: &str, value: &'v Value) -> Result<&'v str> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(wrong(name, "a string")),
    }
}

fn flag(name: &str, value: &Value) -> Result<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        _ => Err(wrong(name, "a boolean")),
    }
}

fn count(name: &str, value: &Value) -> Result<usize> {
    let whole = whole_number(value).ok_or_else(|| wrong(name, "a number"))?;
    usize::try_from(whole).map_err(|_| {
        refused(format!(
            "$jsonSchema keyword '{name}' must be a non-negative integer"
        ))
    })
}

fn number(name: &str, value: &Value) -> Result<Value> {
    match crate::number::Number::of(value) {
        Some(_) => Ok(value.clone()),
        None => Err(wrong(name, "a number")),
    }
}

fn document<'v>(name: &str, value: &'v Value) -> Result<&'v Document> {
    match value {
        Value::Document(inner) => Ok(inner),
        _ => Err(wrong(name, "an object")),
    }
}

fn array<'v>(name: &str, value: &'v Value) -> Result<&'v [Value]> {
    match value {
        Value::Array(items) if items.is_empty() => Err(refused(format!(
            "$jsonSchema keyword '{name}' cannot be an empty array"
        ))),
        Value::Array(items) => Ok(items),
        _ => Err(wrong(name, "an array")),
    }
}

fn names(name: &str, value: &Value) -> Result<Vec<String>> {
    array(name, value)?
        .iter()
        .map(|item| text(name, item).map(str::to_owned))
        .collect()
}

/// The types of JSON itself.
fn json_types(value: &Value) -> Result<Vec<u8>> {
    let items = match value {
        Value::Array(items) if !items.is_empty() => items.as_slice(),
        Value::Array(_) => {
            return Err(refused(
                "$jsonSchema keyword 'type' must name at least one type",
            ));
        }
        one => std::slice::from_ref(one),
    };
    let mut types = Vec::new();
    for item in items {
        types.extend_from_slice(match text("type", item)? {
            "array" => &[0x04][..],
            "boolean" => &[0x08],
            "null" => &[0x0A],
            "number" => &[0x01, 0x10, 0x12, 0x13],
            "object" => &[0x03],
            "string" => &[0x02],
            "integer" => {
                let message = "$jsonSchema type 'integer' is not currently supported.";
                return Err(refused(message));
            }
            other => return Err(Error::new(2, format!("Unknown type name alias: {other}"))),
        });
    }
    Ok(types)
}

impl Parse<'_> {
    fn schema(&self, name: &str, value: &Value) -> Result<Schema> {
        Schema::parse_at(document(name, value)?, self.depth + 1)
    }

    fn schemas(&self, name: &str, value: &Value) -> Result<Vec<Schema>> {
        let items = array(name, value)?.iter();
        items.map(|item| self.schema(name, item)).collect()
    }

    fn named(&self, name: &str, value: &Value) -> Result<Vec<(String, Schema)>> {
        let fields = document(name, value)?.iter();
        fields
            .map(|(field, schema)| Ok((field.clone(), self.schema(name, schema)?)))
            .collect()
    }

    fn by_pattern(&self, name: &str, value: &Value) -> Result<Vec<(Pattern, Schema)>> {
        let fields = document(name, value)?.iter();
        fields
            .map(|(field, schema)| Ok((Pattern::new(field, "")?, self.schema(name, schema)?)))
            .collect()
    }

    /// A schema, or whether anything goes; `None` where anything does.
    fn further(&self, name: &str, value: &Value) -> Result<Option<Option<Box<Schema>>>> {
        match value {
            Value::Bool(true) => Ok(None),
            Value::Bool(false) => Ok(Some(None)),
            Value::Document(_) => Ok(Some(Some(Box::new(self.schema(name, value)?)))),
            _ => Err(wrong(name, "either an object or a boolean")),
        }
    }

    fn exclusive(&self, name: &str, limit: &str) -> Result<bool> {
        self.given.get(name).map_or(Ok(false), |value| {
            if self.given.contains_key(limit) {
                flag(name, value)
            } else {
                Err(refused(format!(
                    "$jsonSchema keyword '{limit}' must be a present if {name} is present"
                )))
            }
        })
    }

    /// What a keyword asks; `None` where that is nothing by itself.
    fn rule(&self, name: &str, value: &Value) -> Result<Option<Rule>> {
        let limit = |limit: Limit| count(name, value).map(|count| Rule::Size(limit, count));
        Ok(Some(match name {
            "bsonType" if self.given.contains_key("type") => {
                return Err(refused(
                    "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'",
                ));
            }
            "bsonType" => Rule::Types(bson_types(value)?),
            "type" => Rule::Types(json_types(value)?),
            "enum" => Rule::Enum(array(name, value)?.to_vec()),
            "minimum" => Rule::Minimum(
                number(name, value)?,
                self.exclusive("exclusiveMinimum", "minimum")?,
            ),
            "maximum" => Rule::Maximum(
                number(name, value)?,
                self.exclusive("exclusiveMaximum", "maximum")?,
            ),
            "exclusiveMinimum" => {
                self.exclusive(name, "minimum")?;
                return Ok(None);
            }
            "exclusiveMaximum" => {
                self.exclusive(name, "maximum")?;
                return Ok(None);
            }
            "multipleOf" => match crate::compare::compare(value, &Value::Int32(0)).is_gt() {
                true => Rule::MultipleOf(number(name, value)?),
                false => {
                    return Err(refused(
                        "$jsonSchema keyword 'multipleOf' must have a positive value",
                    ));
                }
            },
            "minLength" => limit(Limit::MinLength)?,
            "maxLength" => limit(Limit::MaxLength)?,
            "minItems" => limit(Limit::MinItems)?,
            "maxItems" => limit(Limit::MaxItems)?,
            "minProperties" => limit(Limit::MinProperties)?,
            "maxProperties" => limit(Limit::MaxProperties)?,
            "pattern" => Rule::Pattern(Pattern::new(text(name, value)?, "")?),
            "required" => Rule::Required(names(name, value)?),
            "properties" => Rule::Properties(self.named(name, value)?),
            "patternProperties" => Rule::PatternProperties(self.by_pattern(name, value)?),
            "additionalProperties" => {
                let Some(further) = self.further(name, value)? else {
                    return Ok(None);
                };
                let known = self.given.get("properties");
                let patterns = self.given.get("patternProperties");
                Rule::AdditionalProperties {
                    known: match known {
                        Some(known) => document("properties", known)?
                            .keys()
                            .map(str::to_owned)
                            .collect(),
                        None => Vec::new(),
                    },
                    patterns: match patterns {
                        Some(patterns) => self
                            .by_pattern("patternProperties", patterns)?
                            .into_iter()
                            .map(|(p, _)| p)
                            .collect(),
                        None => Vec::new(),
                    },
                    further,
                }
            }
            "dependencies" => Rule::Dependencies(self.dependencies(name, value)?),
            "items" => match value {
                Value::Array(_) => Rule::ItemsByPlace(self.schemas(name, value)?),
                _ => Rule::Items(Box::new(self.schema(name, value)?)),
            },
            "additionalItems" => match (self.further(name, value)?, self.given.get("items")) {
                (Some(further), Some(Value::Array(items))) => {
                    Rule::AdditionalItems(items.len(), further)
                }
                _ => return Ok(None),
            },
            "uniqueItems" => match flag(name, value)? {
                true => Rule::UniqueItems,
                false => return Ok(None),
            },
            "allOf" => Rule::AllOf(self.schemas(name, value)?),
            "anyOf" => Rule::AnyOf(self.schemas(name, value)?),
            "oneOf" => Rule::OneOf(self.schemas(name, value)?),
            "not" => Rule::Not(Box::new(self.schema(name, value)?)),
            "$ref" | "$schema" | "default" | "definitions" | "format" | "id" | "encrypt"
            | "encryptMetadata" => {
                let message = format!("$jsonSchema keyword '{name}' is not currently supported");
                return Err(refused(message));
            }
            _ => return Err(refused(format!("Unknown $jsonSchema keyword: {name}"))),
        }))
    }

    fn dependencies(&self, name: &str, value: &Value) -> Result<Vec<(String, Dependency)>> {
        let parse = |(field, needed): &(String, Value)| {
            let needed = match needed {
                Value::Array(_) => Dependency::Fields(names(name, needed)?),
                _ => Dependency::Schema(self.schema(name, needed)?),
            };
            Ok((field.clone(), needed))
        };
        document(name, value)?.iter().map(parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::testing::json;

    fn holds(schema: &str, value: &str) -> bool {
        Schema::parse(&json(schema))
            .unwrap()
            .holds(&json(value))
            .unwrap()
    }

    /// Each keyword asks what its name says, of values of its type.
    #[test]
    fn keywords_ask() {
        for (schema, value, expected) in [
            (r#"{"bsonType": "int"}"#, "1", true),
            (r#"{"bsonType": ["string", "null"]}"#, "1", false),
            (r#"{"bsonType": "number"}"#, "1.5", true),
            (r#"{"type": "object"}"#, "{}", true),
            (r#"{"enum": [1, "a", {"b": 1}]}"#, r#"{"b": 1.0}"#, true),
            (r#"{"enum": [1, "a"]}"#, "2", false),
            (r#"{"minimum": 3}"#, "3", true),
            (r#"{"minimum": 3, "exclusiveMinimum": true}"#, "3", false),
            (r#"{"maximum": 3}"#, r#""x""#, true),
            (r#"{"maximum": 3}"#, "4", false),
            (r#"{"multipleOf": 0.5}"#, "2.5", true),
            (r#"{"multipleOf": 2}"#, "3", false),
            (r#"{"minLength": 2}"#, r#""é""#, false),
            (r#"{"maxLength": 2}"#, r#""éé""#, true),
            (r#"{"pattern": "^a"}"#, r#""ba""#, false),
            (r#"{"required": ["a", "b"]}"#, r#"{"a": 1}"#, false),
            (
                r#"{"properties": {"a": {"bsonType": "int"}}}"#,
                r#"{"b": 1}"#,
                true,
            ),
            (
                r#"{"properties": {"a": {"bsonType": "int"}}}"#,
                r#"{"a": "x"}"#,
                false,
            ),
            (
                r#"{"patternProperties": {"^n": {"type": "number"}}}"#,
                r#"{"n1": "x"}"#,
                false,
            ),
            (
                r#"{"properties": {"a": {}}, "additionalProperties": false}"#,
                r#"{"a": 1, "b": 2}"#,
                false,
            ),
            (
                r#"{"patternProperties": {"^x": {}}, "additionalProperties": {"type": "string"}}"#,
                r#"{"x1": 1, "b": "s"}"#,
                true,
            ),
            (r#"{"minProperties": 1, "maxProperties": 2}"#, "{}", false),
            (r#"{"dependencies": {"a": ["b"]}}"#, r#"{"a": 1}"#, false),
            (
                r#"{"dependencies": {"a": {"required": ["b"]}}}"#,
                r#"{"c": 1}"#,
                true,
            ),
            (r#"{"items": {"type": "number"}}"#, r#"[1, "x"]"#, false),
            (
                r#"{"items": [{"type": "number"}], "additionalItems": false}"#,
                "[1, 2]",
                false,
            ),
            (r#"{"uniqueItems": true}"#, "[1, 1.0]", false),
            (r#"{"minItems": 1, "maxItems": 2}"#, "[1, 2]", true),
            (r#"{"allOf": [{"minimum": 1}, {"maximum": 2}]}"#, "3", false),
            (r#"{"anyOf": [{"minimum": 5}, {"maximum": 2}]}"#, "1", true),
            (r#"{"oneOf": [{"minimum": 1}, {"maximum": 2}]}"#, "2", false),
            (r#"{"not": {"type": "string"}}"#, "1", true),
        ] {
            assert_eq!(expected, holds(schema, value), "{schema} {value}");
        }
    }

    /// What is no schema is refused with the server's code.
    #[test]
    fn bad_schemas_are_refused() {
        for (schema, code) in [
            ("1", 14),
            (r#"{"foo": 1}"#, 9),
            (r#"{"$ref": "x"}"#, 9),
            (r#"{"type": "integer"}"#, 9),
            (r#"{"bsonType": "foo"}"#, 2),
            (r#"{"type": "string", "bsonType": "string"}"#, 9),
            (r#"{"required": []}"#, 9),
            (r#"{"properties": 1}"#, 14),
            (r#"{"minLength": -1}"#, 9),
            (r#"{"exclusiveMinimum": true}"#, 9),
            (r#"{"multipleOf": 0}"#, 9),
            (r#"{"pattern": "("}"#, 51091),
        ] {
            assert_eq!(
                code,
                Schema::parse(&json(schema)).unwrap_err().code,
                "{schema}"
            );
        }
    }
}
