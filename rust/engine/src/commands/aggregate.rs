//! `aggregate`: documents from storage, through a pipeline, to a cursor.

use mongolane_bson::{Document, Value};

use super::collections::cursor_size;
use super::cursor::first_batch;
use super::dependencies::Needed;
use super::search::{in_order, search, stored, variables, visit};
use super::{Call, explain, geo_near, sink};
use crate::expression::Variables;
use crate::pipeline::{Catalog, Context, Documents, Pipeline};
use crate::query::{Match, Matcher, Sort};
use crate::server::{Cursor, State};
use crate::storage::{Bytes, MAX_DOCUMENT, Namespace, Plan, RecordId};
use crate::wire::Reply;
use crate::{Error, Result, text};

/// What `aggregate` knows.
pub(crate) const FIELDS: &[&str] = &[
    "pipeline",
    "cursor",
    "explain",
    "allowDiskUse",
    "bypassDocumentValidation",
    "collation",
    "hint",
    "let",
];
/// How often a pipeline looks at the clock.
const CHECK_EVERY: usize = 256;

/// A stored document, with the score of a `$text`.
type Scored = (Bytes, Option<f64>);

/// The database's collections, as `$lookup` sees them.
struct Neighbours<'a> {
    state: &'a State,
    database: &'a str,
}

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let stages = call
        .arguments
        .array("pipeline")?
        .ok_or_else(|| call.arguments.missing("pipeline"))?;
    if call.arguments.flag("explain") {
        return explain::plan(call, &call.request.body);
    }
    if call.arguments.document("cursor")?.is_none() {
        return Err(Error::new(
            9,
            "The 'cursor' option is required, except for aggregate with the explain argument",
        ));
    }
    let namespace = namespace(call, stages)?;
    let variables = variables(call, &namespace, call.arguments.get("collation"))?;
    let nearest = geo_near::first(stages);
    let stages = &stages[usize::from(nearest.is_some())..];
    let (stages, sink) = sink::split(stages, call.database, &variables)?;
    let mut pipeline = Pipeline::parse_in(stages, &variables.names())?;
    let input = match nearest {
        Some(spec) => {
            let found = geo_near::run(call, &namespace, spec, &variables)?;
            found.into_iter().map(|bytes| (bytes, None)).collect()
        }
        None => searched(call, &namespace, &mut pipeline, &variables)?,
    };
    let documents = if pipeline.is_empty() {
        input.into_iter().map(|(bytes, _)| bytes).collect()
    } else {
        let needed = Needed::by(stages);
        through(call, &pipeline, &variables, &needed, &input)?
    };
    let documents = match sink {
        Some(sink) => {
            sink.write(call, documents, &variables)?;
            Vec::new()
        }
        None => documents,
    };
    let size = cursor_size(call)?;
    Ok(first_batch(
        call,
        Cursor::new(namespace.to_string(), documents, false),
        size,
        false,
    ))
}

/// The documents that a pipeline's leading filter, and sort, ask for; they are done with.
fn searched(
    call: &Call<'_>,
    namespace: &Namespace,
    pipeline: &mut Pipeline,
    variables: &Variables,
) -> Result<Vec<Scored>> {
    let filter = pipeline.take_filter().unwrap_or_default();
    let matcher = matcher(&filter, variables)?;
    let (found, sorted) = input(call, namespace, &matcher, pipeline.leading_sort())?;
    if sorted {
        pipeline.drop_sort();
    }
    Ok(found)
}

/// A pipeline's filter, in which nothing may ask for an order.
fn matcher(filter: &Document, variables: &Variables) -> Result<Matcher> {
    let matcher = Matcher::parse_with(filter, variables.clone())?;
    match matcher.near() {
        None => Ok(matcher),
        Some(_) => Err(Error::new(
            5_626_500,
            "$geoNear, $near, and $nearSphere are not allowed in this context",
        )),
    }
}

/// What the pipeline makes of stored documents.
fn through(
    call: &Call<'_>,
    pipeline: &Pipeline,
    variables: &Variables,
    needed: &Needed,
    input: &[Scored],
) -> Result<Vec<Bytes>> {
    let neighbours = Neighbours {
        state: call.state,
        database: call.database,
    };
    let context = Context {
        variables,
        catalog: &neighbours,
    };
    let parsed = input.iter().map(|(bytes, score)| {
        let mut document = needed.read(bytes)?;
        if let Some(score) = score {
            document.push(text::SCORE, *score);
        }
        Ok(document)
    });
    collect(call, pipeline.run(timed(call, parsed), context))
}

/// The collection; a made-up one where the stages bring their own documents.
fn namespace(call: &Call<'_>, stages: &[Value]) -> Result<Namespace> {
    let brings_documents = matches!(
        stages.first(),
        Some(Value::Document(stage)) if stage.contains_key("$documents")
    );
    match call.arguments.get("aggregate") {
        Some(Value::String(_)) if brings_documents => Err(Error::new(
            73,
            "{aggregate: 1} is required for a pipeline that begins with $documents",
        )),
        Some(Value::String(_)) => call.namespace(),
        Some(_) if brings_documents => Ok(Namespace {
            database: call.database.to_owned(),
            collection: "$cmd.aggregate".to_owned(),
        }),
        _ => Err(Error::new(
            73,
            "a collection is required: {aggregate: 1} is for pipelines that begin with $documents",
        )),
    }
}

/// The documents that meet the filter, with the scores of a `$text`; and
/// whether they are in the order of the sort, as many as it needs.
fn input(
    call: &Call<'_>,
    namespace: &Namespace,
    matcher: &Matcher,
    sort: Option<(&Document, Option<usize>)>,
) -> Result<(Vec<Scored>, bool)> {
    let Some(slot) = call.state.catalog.get(namespace) else {
        matcher.bind(None)?;
        return Ok((Vec::new(), false));
    };
    let content = slot.content.read();
    let hint = call.arguments.get("hint");
    let (order, enough) = match sort {
        None => (None, None),
        Some((pattern, needed)) => {
            let sort = Sort::parse(pattern)?.under(matcher.variables().collation());
            (in_order(&content, hint, matcher, &sort)?, needed)
        }
    };
    let mut found = Vec::new();
    let enough = enough.filter(|_| order.is_some()).unwrap_or(usize::MAX);
    let mut take = |_: RecordId, bytes: &Bytes, matched: Match| {
        found.push((bytes.clone(), matched.score));
        Ok(found.len() < enough)
    };
    match &order {
        Some(order) => visit(call, &content, matcher, order.records(&content), take)?,
        None => search(call, &content, hint, matcher, &mut take)?,
    }
    Ok((found, order.is_some()))
}

/// The documents, until the command's time is over.
fn timed<'a>(
    call: &'a Call<'_>,
    input: impl Iterator<Item = Result<Document>> + 'a,
) -> Documents<'a> {
    Box::new(input.enumerate().map(|(at, document)| {
        if at.is_multiple_of(CHECK_EVERY) {
            call.check_time()?;
        }
        document
    }))
}

fn collect(call: &Call<'_>, output: Documents<'_>) -> Result<Vec<Bytes>> {
    let mut documents = Vec::new();
    for document in output {
        let mut document = document?;
        document.remove(text::SCORE);
        let bytes = document.to_bytes();
        if bytes.len() > MAX_DOCUMENT {
            return Err(Error::new(
                10334,
                format!("BSONObj size: {} is invalid", bytes.len()),
            ));
        }
        documents.push(Bytes::from(bytes));
        if documents.len().is_multiple_of(CHECK_EVERY) {
            call.check_time()?;
        }
    }
    Ok(documents)
}

impl Catalog for Neighbours<'_> {
    fn find(&self, collection: &str, filter: &Matcher) -> Result<Documents<'_>> {
        let namespace = Namespace::new(self.database, collection)?;
        let Some(slot) = self.state.catalog.get(&namespace) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let mut found = Vec::new();
        {
            let content = slot.content.read();
            let filter = &*filter.bind(content.text_index())?;
            for record in Plan::choose(&content, filter).records(&content) {
                let Some(bytes) = content.get(record) else {
                    continue;
                };
                if filter.find(&crate::path::Raw(bytes))?.is_some() {
                    found.push(bytes.clone());
                }
            }
        }
        Ok(Box::new(found.into_iter().map(|bytes| stored(&bytes))))
    }

    fn is_indexed(&self, collection: &str, field: &str) -> bool {
        let slot = Namespace::new(self.database, collection)
            .ok()
            .and_then(|n| self.state.catalog.get(&n));
        slot.is_some_and(|slot| {
            slot.content.read().indexes().iter().any(|index| {
                !index.spec.hidden
                    && index.is_ordered()
                    && !index.spec.sparse
                    && index.spec.partial.is_none()
                    && index
                        .paths()
                        .first()
                        .is_some_and(|path| path.as_str() == field)
            })
        })
    }
}
