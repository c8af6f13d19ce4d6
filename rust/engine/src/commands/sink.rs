//! `$out` and `$merge`: a pipeline's documents into a collection.

use mongolane_bson::{Document, Value};

use super::Call;
use super::search::stored;
use super::update::validate;
use super::writes::with_content;
use crate::expression::{Expression, FieldPath, Scope, Variables, check_name};
use crate::path::Raw;
use crate::pipeline::Pipeline;
use crate::query::Matcher;
use crate::server::new_object_id;
use crate::storage::{Bytes, Collection, Namespace, Plan, RecordId, with_id};
use crate::{Error, Result};

/// Where a pipeline's documents go.
#[derive(Debug)]
pub(crate) enum Sink {
    /// In the place of all that is there.
    Out(Namespace),
    /// One by one, beside what is there.
    Merge(Box<Merge>),
}

/// How documents meet those that are there.
#[derive(Debug)]
pub(crate) struct Merge {
    into: Namespace,
    on: Vec<FieldPath>,
    names: Vec<String>,
    variables: Vec<(String, Expression)>,
    matched: Matched,
    unmatched: Unmatched,
}

#[derive(Debug)]
enum Matched {
    Replace,
    Keep,
    Merge,
    Fail,
    Pipeline(Pipeline),
}

#[derive(Clone, Copy, Debug)]
enum Unmatched {
    Insert,
    Discard,
    Fail,
}

/// Takes a pipeline's last stage off, if that is one of the two.
pub(crate) fn split<'s>(
    stages: &'s [Value],
    database: &str,
    variables: &Variables,
) -> Result<(&'s [Value], Option<Sink>)> {
    let Some((Value::Document(last), before)) = stages.split_last() else {
        return Ok((stages, None));
    };
    let sink = match last.iter().next() {
        Some((name, spec)) if name == "$out" => Sink::Out(target(spec, database, "$out")?),
        Some((name, spec)) if name == "$merge" => {
            Sink::Merge(Box::new(Merge::parse(spec, database, variables)?))
        }
        _ => return Ok((stages, None)),
    };
    Ok((before, Some(sink)))
}

/// A collection by its name, or by those of database and collection.
fn target(spec: &Value, database: &str, stage: &str) -> Result<Namespace> {
    match spec {
        Value::String(name) => Namespace::new(database, name),
        Value::Document(spec) => {
            if let Some(key) = spec.keys().find(|key| !matches!(*key, "db" | "coll")) {
                let message = format!("BSON field '{stage}.{key}' is an unknown field.");
                return Err(Error::new(40415, message));
            }
            match (spec.get("db"), spec.get("coll")) {
                (None, Some(Value::String(name))) => Namespace::new(database, name),
                (Some(Value::String(database)), Some(Value::String(name))) => {
                    Namespace::new(database, name)
                }
                _ => Err(Error::new(
                    40414,
                    format!("BSON field '{stage}.coll' is missing but a required field"),
                )),
            }
        }
        other => {
            let found = other.type_name();
            let message =
                format!("{stage} only supports a string or object argument, but found {found}");
            Err(Error::new(
                if stage == "$out" { 16990 } else { 51182 },
                message,
            ))
        }
    }
}

impl Merge {
    fn parse(spec: &Value, database: &str, variables: &Variables) -> Result<Self> {
        let empty = Document::new();
        let (into, spec) = match spec {
            Value::Document(spec) => {
                let into = spec.get("into").ok_or_else(|| {
                    Error::new(
                        40414,
                        "BSON field '$merge.into' is missing but a required field",
                    )
                })?;
                (into, spec)
            }
            name => (name, &empty),
        };
        const KNOWN: [&str; 5] = ["into", "on", "let", "whenMatched", "whenNotMatched"];
        if let Some(key) = spec.keys().find(|key| !KNOWN.contains(key)) {
            let message = format!("BSON field '$merge.{key}' is an unknown field.");
            return Err(Error::new(40415, message));
        }
        let names = on(spec.get("on"))?;
        let given_let = match spec.get("let") {
            None => None,
            Some(Value::Document(given)) => Some(given),
            Some(_) => return Err(Error::new(14, "$merge's 'let' must be an object")),
        };
        let bound = bindings(given_let, variables)?;
        let matched = matched(spec.get("whenMatched"), variables, &bound)?;
        if given_let.is_some() && !matches!(matched, Matched::Pipeline(_)) {
            let message = "Cannot use 'let' variables without a pipeline in 'whenMatched'";
            return Err(Error::new(51199, message));
        }
        Ok(Self {
            into: target(into, database, "$merge")?,
            on: names
                .iter()
                .map(|name| FieldPath::parse(name))
                .collect::<Result<_>>()?,
            names,
            variables: bound,
            matched,
            unmatched: unmatched(spec.get("whenNotMatched"))?,
        })
    }
}

fn on(given: Option<&Value>) -> Result<Vec<String>> {
    let names: Vec<String> = match given {
        None => vec!["_id".to_owned()],
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(name) => Ok(name.clone()),
                _ => Err(Error::new(
                    51134,
                    "$merge 'on' array elements must be strings",
                )),
            })
            .collect::<Result<_>>()?,
        Some(_) => {
            return Err(Error::new(
                51186,
                "$merge 'on' field must be either a string or an array of strings",
            ));
        }
    };
    if names.is_empty() {
        let message = "If explicitly specifying $merge 'on', must include at least one field";
        return Err(Error::new(51187, message));
    }
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            let message = format!("Found a duplicate field '{name}' in $merge 'on'");
            return Err(Error::new(31465, message));
        }
    }
    Ok(names)
}

/// The variables of a pipeline: `$$new` unless others are given.
fn bindings(given: Option<&Document>, variables: &Variables) -> Result<Vec<(String, Expression)>> {
    let names = variables.names();
    match given {
        None => Ok(vec![(
            "new".to_owned(),
            Expression::parse_in(&Value::from("$$ROOT"), &names)?,
        )]),
        Some(given) => given
            .iter()
            .map(|(name, value)| {
                check_name(name)?;
                Ok((name.clone(), Expression::parse_in(value, &names)?))
            })
            .collect(),
    }
}

fn matched(
    given: Option<&Value>,
    variables: &Variables,
    bound: &[(String, Expression)],
) -> Result<Matched> {
    match given {
        None => Ok(Matched::Merge),
        Some(Value::String(mode)) => match mode.as_str() {
            "replace" => Ok(Matched::Replace),
            "keepExisting" => Ok(Matched::Keep),
            "merge" => Ok(Matched::Merge),
            "fail" => Ok(Matched::Fail),
            other => Err(Error::new(
                2,
                format!(
                    "Enumeration value '{other}' for field 'whenMatched' is not a valid value."
                ),
            )),
        },
        Some(Value::Array(stages)) => {
            let outer = variables.names();
            let names = outer.with(bound.iter().map(|(name, _)| name.as_str()).collect());
            Pipeline::parse_update(stages, &names).map(Matched::Pipeline)
        }
        Some(other) => Err(Error::new(
            51191,
            format!(
                "$merge 'whenMatched' field must be either a string or an array, but found {}",
                other.type_name()
            ),
        )),
    }
}

fn unmatched(given: Option<&Value>) -> Result<Unmatched> {
    match given {
        None => Ok(Unmatched::Insert),
        Some(Value::String(mode)) if mode == "insert" => Ok(Unmatched::Insert),
        Some(Value::String(mode)) if mode == "discard" => Ok(Unmatched::Discard),
        Some(Value::String(mode)) if mode == "fail" => Ok(Unmatched::Fail),
        Some(other) => Err(Error::new(
            2,
            format!(
                "Enumeration value {} for field 'whenNotMatched' is not a valid value.",
                crate::error::Shown(other)
            ),
        )),
    }
}

impl Sink {
    /// Writes what a pipeline gave.
    pub(crate) fn write(
        &self,
        call: &Call<'_>,
        documents: Vec<Bytes>,
        variables: &Variables,
    ) -> Result<()> {
        match self {
            Self::Out(namespace) => {
                let documents: Vec<_> = documents
                    .iter()
                    .map(|bytes| with_id(bytes, || Value::ObjectId(new_object_id())))
                    .collect::<Result<_>>()?;
                with_content(call, namespace, |content| {
                    for bytes in &documents {
                        super::insert::check_id(bytes)?;
                        validate(call, content, bytes, None)?;
                    }
                    content.replace_all(documents.clone())
                })?;
            }
            Self::Merge(merge) => with_content(call, &merge.into, |content| {
                merge.check_index(content)?;
                for bytes in &documents {
                    merge.write(call, content, stored(bytes)?, variables)?;
                }
                Ok(())
            })?,
        }
        call.commit()
    }
}

impl Merge {
    /// Refuses to join by fields that several documents may share.
    fn check_index(&self, content: &Collection) -> Result<()> {
        let is_meant = |keys: &Document| {
            keys.len() == self.names.len() && self.names.iter().all(|name| keys.contains_key(name))
        };
        let found = content.indexes().iter().any(|index| {
            index.spec.unique && index.spec.partial.is_none() && is_meant(&index.spec.keys)
        });
        match found {
            true => Ok(()),
            false => Err(Error::new(
                51183,
                "Cannot find index to verify that join fields will be unique",
            )),
        }
    }

    fn write(
        &self,
        call: &Call<'_>,
        content: &mut Collection,
        mut new: Document,
        variables: &Variables,
    ) -> Result<()> {
        if !new.contains_key("_id") && self.names.iter().any(|name| name == "_id") {
            let id = ("_id".to_owned(), Value::ObjectId(new_object_id()));
            new = std::iter::once(id).chain(new).collect();
        }
        let found = self.find(content, &new, variables)?;
        let Some((record, old)) = found else {
            return match self.unmatched {
                Unmatched::Insert => insert(call, content, &new),
                Unmatched::Discard => Ok(()),
                Unmatched::Fail => Err(Error::new(
                    13113,
                    "$merge could not find a matching document in the target collection for at \
                     least one document in the source collection",
                )),
            };
        };
        let changed = match &self.matched {
            Matched::Keep => return Ok(()),
            Matched::Fail => return insert(call, content, &new),
            Matched::Replace => {
                let id = old.get("_id").filter(|_| !new.contains_key("_id"));
                let id = id.map(|id| ("_id".to_owned(), id.clone()));
                id.into_iter().chain(new).collect()
            }
            Matched::Merge => {
                let mut merged = old.clone();
                for (key, value) in new {
                    merged.insert(key, value);
                }
                merged
            }
            Matched::Pipeline(pipeline) => {
                let scope = Scope::new(&new, variables);
                let mut bound = variables.clone();
                for (name, value) in &self.variables {
                    bound.bind(name.as_str(), value.evaluate_in(&scope)?);
                }
                pipeline.update(&old, &bound)?
            }
        };
        replace(call, content, record, &old, changed)
    }

    /// The document there that is equal in the fields of `on`.
    fn find(
        &self,
        content: &Collection,
        new: &Document,
        variables: &Variables,
    ) -> Result<Option<(RecordId, Document)>> {
        let mut filter = Document::new();
        for (path, name) in self.on.iter().zip(&self.names) {
            let value = match path.lookup(new) {
                None | Some(Value::Null | Value::Undefined | Value::Array(_)) => {
                    return Err(Error::new(
                        51132,
                        format!(
                            "$merge write error: 'on' field '{name}' cannot be missing, null, \
                             undefined or an array"
                        ),
                    ));
                }
                Some(value) => value.clone(),
            };
            let equals = Document::from_iter([("$eq".to_owned(), value)]);
            filter.push(name.as_str(), equals);
        }
        let matcher = Matcher::parse_with(&filter, variables.clone())?;
        for record in Plan::choose(content, &matcher).records(content) {
            if let Some(bytes) = content.get(record)
                && matcher.find(&Raw(bytes))?.is_some()
            {
                return Ok(Some((record, stored(bytes)?)));
            }
        }
        Ok(None)
    }
}

fn insert(call: &Call<'_>, content: &mut Collection, new: &Document) -> Result<()> {
    let bytes = with_id(&new.to_bytes(), || Value::ObjectId(new_object_id()))?;
    super::insert::check_id(&bytes)?;
    validate(call, content, &bytes, None)?;
    content.insert(bytes).map(drop)
}

fn replace(
    call: &Call<'_>,
    content: &mut Collection,
    record: RecordId,
    old: &Document,
    new: Document,
) -> Result<()> {
    let is_same = |id: &Value| {
        old.get("_id")
            .is_some_and(|old| crate::compare::equal(id, old))
    };
    if !new.get("_id").is_some_and(is_same) {
        return Err(Error::new(
            66,
            "$merge failed to update the matching document, did you attempt to modify the _id or \
             the shard key? :: caused by :: the (immutable) field '_id' was found to have been \
             altered",
        ));
    }
    let bytes = Bytes::from(new.to_bytes());
    validate(call, content, &bytes, Some(&old.to_bytes()))?;
    content.replace(record, bytes)
}
