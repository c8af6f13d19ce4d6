//! Aggregation pipelines: parsed once, run lazily over any documents.
//!
//! A stage turns an iterator of documents into another. What can stream,
//! streams; what needs all of its input first takes it when it is asked for
//! its first document. Where documents of other collections come from is the
//! caller's business ([`Catalog`]).

use std::fmt::Debug;

use mongolane_bson::{Document, Value};

use crate::expression::{Names, Variables};
use crate::query::{Matcher, Sort};
use crate::{Error, Result};

mod accumulators;
mod bucket;
mod combine;
mod count;
mod densify;
mod documents;
mod facet;
mod fields;
mod fill;
mod graph;
mod group;
mod lookup;
mod projection;
mod ranked;
mod redact;
mod sample;
mod stages;
mod unwind;
mod window;

use stages::Window;

/// Documents on their way through a pipeline.
pub type Documents<'a> = Box<dyn Iterator<Item = Result<Document>> + 'a>;

/// The other collections of the database that a pipeline runs in.
pub trait Catalog {
    /// The documents of `collection` that meet `filter`; none where there is
    /// no such collection.
    ///
    /// # Errors
    /// When they can't be read.
    fn find(&self, collection: &str, filter: &Matcher) -> Result<Documents<'_>>;

    /// Whether an equality on `field` is quicker asked for one value at a time.
    fn is_indexed(&self, _collection: &str, _field: &str) -> bool {
        false
    }
}

/// Where there is nothing but the document at hand.
struct NoCollections;

impl Catalog for NoCollections {
    fn find(&self, _: &str, _: &Matcher) -> Result<Documents<'_>> {
        Ok(Box::new(std::iter::empty()))
    }
}

/// What a pipeline runs with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The command's time and `let`.
    pub variables: &'a Variables,
    /// The database's other collections.
    pub catalog: &'a dyn Catalog,
}

/// A stage that isn't one of those the pipeline itself looks into.
trait Run: Debug + Send + Sync {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a>;
}

#[derive(Debug)]
enum Stage {
    Match(Document, Box<Matcher>),
    Sort(Document, Sort, Option<usize>),
    Window(Window),
    Other(Box<dyn Run>),
}

/// A parsed pipeline.
#[derive(Debug, Default)]
pub struct Pipeline {
    stages: Vec<Stage>,
}

impl Pipeline {
    /// Parses the stages of an `aggregate` command; any variable may be used.
    ///
    /// # Errors
    /// With MongoDB's code for the first stage that is wrong.
    pub fn parse(stages: &[Value]) -> Result<Self> {
        Self::parse_in(stages, &Names::any())
    }

    /// The same where only the system's variables and `names` exist.
    ///
    /// # Errors
    /// With MongoDB's code for the first stage that is wrong.
    pub fn parse_in(stages: &[Value], names: &Names<'_>) -> Result<Self> {
        let mut pipeline = Self::default();
        for stage in stages {
            let Value::Document(stage) = stage else {
                return Err(Error::new(
                    14,
                    "Each element of the 'pipeline' array must be an object",
                ));
            };
            let is_first = pipeline.stages.is_empty();
            if !is_first && stage.contains_key("$documents") {
                let message = "$documents is only valid as the first stage in a pipeline";
                return Err(Error::new(40602, message));
            }
            let parsed = stages::parse(stage, names)?;
            let asks = |stage: &Stage| matches!(stage, Stage::Match(_, m) if m.needs_text_index());
            if !is_first && parsed.iter().any(asks) {
                let message = "$match with $text is only allowed as the first pipeline stage";
                return Err(Error::new(17313, message));
            }
            pipeline.stages.extend(parsed);
        }
        pipeline.limit_sorts();
        Ok(pipeline)
    }

    /// Parses the stages of an update, of which only those are allowed that
    /// make one document of one.
    ///
    /// # Errors
    /// With MongoDB's code for the first stage that is wrong.
    pub fn parse_update(stages: &[Value], names: &Names<'_>) -> Result<Self> {
        const ALLOWED: [&str; 6] = [
            "$addFields",
            "$set",
            "$project",
            "$unset",
            "$replaceRoot",
            "$replaceWith",
        ];
        for stage in stages {
            let Value::Document(stage) = stage else {
                continue;
            };
            if let Some(name) = stage
                .keys()
                .next()
                .filter(|name| stages::is_known(name) && !ALLOWED.contains(name))
            {
                return Err(Error::new(
                    72,
                    format!("{name} is not allowed to be used within an update"),
                ));
            }
        }
        Self::parse_in(stages, names)
    }

    /// What the stages of an update make of one document.
    ///
    /// # Errors
    /// Where an expression refuses its operands.
    pub fn update(&self, document: &Document, variables: &Variables) -> Result<Document> {
        let context = Context {
            variables,
            catalog: &NoCollections,
        };
        let input = Box::new(std::iter::once(Ok(document.clone())));
        let output = self.run(input, context).next();
        output.unwrap_or_else(|| Err(Error::new(1, "an update's pipeline gave no document")))
    }

    /// A sort before a limit need only keep so many.
    fn limit_sorts(&mut self) {
        for at in 0..self.stages.len() {
            let (before, after) = self.stages.split_at_mut(at + 1);
            if let Some(Stage::Sort(.., limit)) = before.last_mut() {
                *limit = stages::needed(after);
            }
        }
    }

    /// Takes the filter of a leading `$match` out, for whoever can answer it by
    /// an index. Call it again for a second one.
    pub fn take_filter(&mut self) -> Option<Document> {
        match self.stages.first() {
            Some(Stage::Match(..)) => match self.stages.remove(0) {
                Stage::Match(filter, _) => Some(filter),
                _ => None,
            },
            _ => None,
        }
    }

    /// The pattern of a leading `$sort`, and how many of its documents are
    /// needed at most.
    #[must_use]
    pub fn leading_sort(&self) -> Option<(&Document, Option<usize>)> {
        match self.stages.first() {
            Some(Stage::Sort(pattern, _, limit)) => Some((pattern, *limit)),
            _ => None,
        }
    }

    /// Drops the leading `$sort`, when the input will come in its order.
    pub fn drop_sort(&mut self) {
        if self.leading_sort().is_some() {
            self.stages.remove(0);
        }
    }

    /// Whether there is no stage (left).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// What comes out when `input` goes in. Nothing is done before the first
    /// document is asked for; after an error nothing more comes.
    pub fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        self.stages
            .iter()
            .fold(input, |input, stage| stage.run(input, context))
    }
}

impl Stage {
    fn run<'a>(&'a self, input: Documents<'a>, context: Context<'a>) -> Documents<'a> {
        match self {
            Self::Match(_, matcher) => {
                let matcher = matcher.under(context.variables.collation());
                Box::new(input.filter_map(move |document| {
                    let document = match document {
                        Ok(document) => document,
                        failed => return Some(failed),
                    };
                    match matcher.matches_with(&document, context.variables) {
                        Ok(true) => Some(Ok(document)),
                        Ok(false) => None,
                        Err(error) => Some(Err(error)),
                    }
                }))
            }
            Self::Sort(_, sort, limit) => deferred(move || {
                let sort = sort.under(context.variables.collation());
                let documents = input.collect::<Result<Vec<_>>>()?;
                Ok(sort.apply(documents, *limit, |document| sort.key(document)))
            }),
            Self::Window(window) => window.run(input),
            Self::Other(stage) => stage.run(input, context),
        }
    }
}

/// Documents that are computed all at once, when the first is asked for.
fn deferred<'a>(compute: impl FnOnce() -> Result<Vec<Document>> + 'a) -> Documents<'a> {
    let all = std::iter::once_with(compute);
    Box::new(all.flat_map(|result| {
        let (documents, error) = match result {
            Ok(documents) => (documents, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        documents.into_iter().map(Ok).chain(error)
    }))
}

#[cfg(test)]
mod testing;
