//! The table of stages, and those that only choose among their documents.

use std::collections::HashMap;
use std::sync::LazyLock;

use mongolane_bson::{Document, Value};

use super::{Documents, Run, Stage};
use super::{
    bucket, combine, count, densify, documents, facet, fields, fill, graph, group, lookup,
    projection, redact, sample, unwind, window,
};
use crate::expression::{Names, describe};
use crate::number::Number;
use crate::query::{Matcher, Sort};
use crate::{Error, Result};

/// Makes stages of a specification: mostly one.
type Parse = fn(&Value, &Names<'_>) -> Result<Vec<Stage>>;

const STAGES: &[(&str, Parse)] = &[
    ("$addFields", |spec, names| {
        one(fields::add("$addFields", spec, names))
    }),
    ("$bucket", bucket::parse),
    ("$bucketAuto", |spec, names| {
        one(bucket::parse_auto(spec, names))
    }),
    ("$count", |spec, _| one(count::parse(spec))),
    ("$densify", |spec, _| one(densify::parse(spec))),
    ("$documents", |spec, names| {
        one(documents::parse(spec, names))
    }),
    ("$facet", |spec, names| one(facet::parse(spec, names))),
    ("$fill", fill::parse),
    ("$graphLookup", |spec, names| one(graph::parse(spec, names))),
    ("$group", |spec, names| one(group::parse(spec, names))),
    ("$limit", |spec, _| Ok(vec![Stage::Window(limit(spec)?)])),
    ("$lookup", |spec, names| one(lookup::parse(spec, names))),
    ("$match", |spec, _| parse_match(spec)),
    ("$project", |spec, names| {
        one(projection::parse(spec, names))
    }),
    ("$redact", |spec, names| one(redact::parse(spec, names))),
    ("$replaceRoot", |spec, names| {
        one(fields::replace_root(spec, names))
    }),
    ("$replaceWith", |spec, names| {
        one(fields::replace_with(spec, names))
    }),
    ("$sample", |spec, _| one(sample::parse(spec))),
    ("$set", |spec, names| one(fields::add("$set", spec, names))),
    ("$setWindowFields", |spec, names| {
        one(window::parse(spec, names))
    }),
    ("$skip", |spec, _| Ok(vec![Stage::Window(skip(spec)?)])),
    ("$sort", |spec, _| parse_sort(spec)),
    ("$sortByCount", count::parse_sorted),
    ("$unionWith", |spec, names| one(combine::parse(spec, names))),
    ("$unset", |spec, _| one(fields::unset(spec))),
    ("$unwind", |spec, _| one(unwind::parse(spec))),
];

/// Stages that MongoDB has and this engine hasn't.
const REFUSED: &[&str] = &[
    "$changeStream",
    "$collStats",
    "$currentOp",
    "$geoNear",
    "$indexStats",
    "$listLocalSessions",
    "$listSessions",
    "$merge",
    "$out",
    "$planCacheStats",
    "$search",
    "$searchMeta",
    "$vectorSearch",
];

static TABLE: LazyLock<HashMap<&'static str, Parse>> =
    LazyLock::new(|| STAGES.iter().copied().collect());

fn one(stage: Result<impl Run + 'static>) -> Result<Vec<Stage>> {
    Ok(vec![Stage::Other(Box::new(stage?))])
}

/// Parses one element of a pipeline.
pub(super) fn parse(stage: &Document, names: &Names<'_>) -> Result<Vec<Stage>> {
    let (Some((name, spec)), 1) = (stage.iter().next(), stage.len()) else {
        let message = "A pipeline stage specification object must contain exactly one field.";
        return Err(Error::new(40323, message));
    };
    match TABLE.get(name.as_str()) {
        Some(parse) => parse(spec, names),
        None if matches!(name.as_str(), "$out" | "$merge") => Err(Error::new(
            40601,
            format!("{name} can only be the final stage in the pipeline"),
        )),
        None if REFUSED.contains(&name.as_str()) => Err(Error::new(
            238,
            format!("{name} is not implemented by this server"),
        )),
        None => Err(Error::new(
            40324,
            format!("Unrecognized pipeline stage name: '{name}'"),
        )),
    }
}

/// Whether MongoDB has a stage of that name.
pub(super) fn is_known(name: &str) -> bool {
    TABLE.contains_key(name) || REFUSED.contains(&name)
}

fn parse_match(spec: &Value) -> Result<Vec<Stage>> {
    let Value::Document(filter) = spec else {
        return Err(Error::new(
            15959,
            "the match filter must be an expression in an object",
        ));
    };
    Ok(vec![Stage::Match(
        filter.clone(),
        Box::new(Matcher::parse(filter)?),
    )])
}

fn parse_sort(spec: &Value) -> Result<Vec<Stage>> {
    let Value::Document(pattern) = spec else {
        return Err(Error::new(
            15973,
            "the $sort key specification must be an object",
        ));
    };
    if pattern.is_empty() {
        return Err(Error::new(
            15976,
            "$sort stage must have at least one sort key",
        ));
    }
    Ok(vec![Stage::Sort(
        pattern.clone(),
        Sort::parse(pattern)?,
        None,
    )])
}

/// A part of the documents by their number alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    Skip(usize),
    Limit(usize),
}

impl Window {
    pub(super) fn run(self, input: Documents<'_>) -> Documents<'_> {
        match self {
            Self::Limit(count) => Box::new(input.take(count)),
            Self::Skip(count) => {
                let mut left = count;
                Box::new(input.filter(move |document| {
                    let passed_over = left > 0 && document.is_ok();
                    left -= usize::from(passed_over);
                    !passed_over
                }))
            }
        }
    }
}

/// How many documents the stages that follow can need.
pub(super) fn needed(stages: &[Stage]) -> Option<usize> {
    let mut skipped = 0usize;
    for stage in stages {
        match stage {
            Stage::Window(Window::Skip(count)) => skipped = skipped.saturating_add(*count),
            Stage::Window(Window::Limit(count)) => return Some(skipped.saturating_add(*count)),
            _ => return None,
        }
    }
    None
}

fn limit(spec: &Value) -> Result<Window> {
    match whole(spec, 5107201, "$limit", "a non-negative number")? {
        0 => Err(Error::new(15958, "the limit must be positive")),
        count => Ok(Window::Limit(count)),
    }
}

fn skip(spec: &Value) -> Result<Window> {
    whole(spec, 5107200, "$skip", "a non-negative number").map(Window::Skip)
}

fn whole(spec: &Value, code: i32, stage: &str, expected: &str) -> Result<usize> {
    let number = Number::of(spec).and_then(Number::to_i64_exact);
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| {
            let found = describe(spec);
            Error::new(
                code,
                format!(
                    "invalid argument to {stage} stage: Expected {expected} in: {stage}: {found}"
                ),
            )
        })
}
