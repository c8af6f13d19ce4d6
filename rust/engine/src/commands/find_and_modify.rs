//! `findAndModify`.

use mongolane_bson::{Document, Value};

use super::Call;
use super::find::project;
use super::search::variables;
use super::update::{array_filters, change, insert, targets};
use super::writes::{with_content, with_existing};
use crate::expression::Variables;
use crate::query::{Match, Matcher, Projection, Sort};
use crate::storage::{Bytes, Collection};
use crate::update::Update;
use crate::wire::Reply;
use crate::{Error, Result};

struct Request<'c> {
    filter: Document,
    matcher: Matcher,
    sort: Sort,
    projection: Option<Projection>,
    update: Option<Update>,
    hint: Option<&'c Value>,
    upsert: bool,
    new: bool,
}

/// What was found and what became of it.
#[derive(Default)]
struct Outcome {
    found: bool,
    upserted: Option<Value>,
    shown: Option<(Bytes, Match)>,
}

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let request = Request::parse(call)?;
    let outcome = if request.upsert {
        with_content(call, &namespace, |content| request.run(call, content))?
    } else {
        let work = |content: &mut Collection| request.run(call, content);
        with_existing(call, &namespace, work)?.unwrap_or_default()
    };
    call.commit()?;
    let mut last = Document::new();
    last.push("n", i32::from(outcome.found || outcome.upserted.is_some()));
    if request.update.is_some() {
        last.push("updatedExisting", outcome.found);
    }
    if let Some(id) = outcome.upserted {
        last.push("upserted", id);
    }
    let mut reply = Reply::new();
    reply.put("lastErrorObject", last);
    match (outcome.shown, &request.projection) {
        (None, _) => reply.put("value", Value::Null),
        (Some((bytes, _)), None) => reply.raw("value", &bytes),
        (Some((bytes, matched)), Some(projection)) => {
            reply.raw("value", &project(projection, &bytes, matched)?);
        }
    }
    Ok(reply)
}

impl<'c> Request<'c> {
    fn parse(call: &Call<'c>) -> Result<Self> {
        let arguments = call.arguments;
        let variables = variables(call, &call.namespace()?, arguments.get("collation"))?;
        let filter = arguments.document("query")?.cloned().unwrap_or_default();
        let update = update_of(call, &variables)?;
        let (upsert, new) = (arguments.flag("upsert"), arguments.flag("new"));
        if update.is_none() && (upsert || new) {
            let message = "Cannot specify both upsert=true or new=true and remove=true; 'remove' always returns the deleted document";
            return Err(Error::new(9, message));
        }
        Ok(Self {
            matcher: Matcher::parse_with(&filter, variables.clone())?,
            sort: arguments
                .document("sort")?
                .map(Sort::parse)
                .transpose()?
                .unwrap_or_default()
                .under(variables.collation()),
            projection: match arguments.document("fields")? {
                Some(fields) => Projection::parse(fields, variables)?,
                None => None,
            },
            hint: arguments.get("hint"),
            filter,
            update,
            upsert,
            new,
        })
    }

    fn run(&self, call: &Call<'_>, content: &mut Collection) -> Result<Outcome> {
        let found = targets(call, content, self.hint, &self.matcher, &self.sort, true)?;
        match (found.first(), &self.update) {
            (None, Some(update)) if self.upsert => {
                let id = insert(call, content, &self.filter, update)?;
                let record = content.by_id(&id);
                let shown = record
                    .and_then(|r| content.get(r))
                    .filter(|_| self.new)
                    .cloned();
                Ok(Outcome {
                    upserted: Some(id),
                    shown: shown.map(|bytes| (bytes, Match::default())),
                    ..Outcome::default()
                })
            }
            (None, _) => Ok(Outcome::default()),
            (Some((record, matched)), Some(update)) => {
                let old = content.get(*record).cloned();
                let new = change(call, content, *record, update, *matched)?;
                let shown = if self.new { new.or(old) } else { old };
                Ok(Outcome {
                    found: true,
                    shown: shown.map(|b| (b, *matched)),
                    upserted: None,
                })
            }
            (Some((record, matched)), None) => {
                let old = content.remove(*record);
                Ok(Outcome {
                    found: true,
                    shown: old.map(|b| (b, *matched)),
                    upserted: None,
                })
            }
        }
    }
}

/// The update, or none where the document is to be removed.
fn update_of(call: &Call<'_>, variables: &Variables) -> Result<Option<Update>> {
    let arguments = call.arguments;
    let refused = |message: &str| Err(Error::new(9, message));
    match (arguments.flag("remove"), arguments.get("update")) {
        (true, Some(_)) => refused("Cannot specify both an update and remove=true"),
        (false, None) => refused("Either an update or remove=true must be specified"),
        (true, None) => Ok(None),
        (false, Some(update)) => {
            let filters = array_filters(arguments.get("arrayFilters"))?;
            Update::parse(update, filters, variables).map(Some)
        }
    }
}
