//! `update`.

use mongolane_bson::{Document, Value};

use super::Call;
use super::search::{in_order, search, stored, variables, visit};
use super::writes::{
    Errors, absent, check_fields, is_ordered, required, statements, with_content, with_existing,
};
use crate::expression::Variables;
use crate::query::{Match, Matcher, Sort, is_truthy};
use crate::server::new_object_id;
use crate::storage::{Bytes, Collection, Namespace, RecordId};
use crate::update::{Situation, Update, seed};
use crate::wire::Reply;
use crate::{Error, Result};

const FIELDS: [&str; 8] = [
    "q",
    "u",
    "upsert",
    "multi",
    "collation",
    "arrayFilters",
    "hint",
    "c",
];

const PLACE: &str = "update.updates";

/// One statement, parsed.
struct Statement<'s> {
    filter: &'s Document,
    matcher: Matcher,
    update: Update,
    hint: Option<&'s Value>,
    multi: bool,
    upsert: bool,
}

#[derive(Default)]
struct Counts {
    matched: i32,
    modified: i32,
    upserted: Vec<Value>,
}

pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply> {
    let namespace = call.namespace()?;
    let statements = statements(call, "updates")?;
    for statement in &statements {
        check(statement)?;
    }
    let ordered = is_ordered(call)?;
    let (mut counts, mut errors) = (Counts::default(), Errors::default());
    for (at, statement) in statements.iter().enumerate() {
        let done = Statement::parse(call, &namespace, statement)
            .and_then(|statement| statement.run(call, &namespace, at, &mut counts));
        if let Err(error) = done {
            errors.push(at, &error);
            if ordered {
                break;
            }
        }
    }
    call.commit()?;
    let mut reply = Reply::new();
    reply.put("n", counts.matched + counts.upserted.len() as i32);
    if !counts.upserted.is_empty() {
        reply.put("upserted", counts.upserted);
    }
    reply.put("nModified", counts.modified);
    errors.append(&mut reply);
    Ok(reply)
}

/// What a statement must be before any of them is run.
fn check(statement: &Document) -> Result<()> {
    check_fields(statement, PLACE, &FIELDS)?;
    required(statement, PLACE, "q")?;
    match statement.get("u") {
        Some(Value::Document(_) | Value::Array(_)) => Ok(()),
        Some(_) => Err(Error::new(
            9,
            "Update argument must be either an object or an array",
        )),
        None => Err(absent(PLACE, "u")),
    }
}

impl<'s> Statement<'s> {
    fn parse(call: &Call<'_>, namespace: &Namespace, statement: &'s Document) -> Result<Self> {
        let filter = required(statement, PLACE, "q")?;
        let given = statement.get("u").ok_or_else(|| absent(PLACE, "u"))?;
        let flag = |key: &str| statement.get(key).is_some_and(is_truthy);
        let variables = with_constants(
            variables(call, namespace, statement.get("collation"))?,
            statement.get("c"),
        );
        let update = Update::parse(
            given,
            array_filters(statement.get("arrayFilters"))?,
            &variables,
        )?;
        if flag("multi") && update.is_replacement() {
            return Err(Error::new(
                9,
                "multi update is not supported for replacement-style update",
            ));
        }
        let matcher = Matcher::parse_with(filter, variables)?;
        let hint = statement.get("hint");
        Ok(Self {
            filter,
            matcher,
            update,
            hint,
            multi: flag("multi"),
            upsert: flag("upsert"),
        })
    }

    fn run(
        &self,
        call: &Call<'_>,
        namespace: &Namespace,
        at: usize,
        counts: &mut Counts,
    ) -> Result<()> {
        if !self.upsert {
            with_existing(call, namespace, |content| {
                self.change(call, content, counts)
            })?;
            return Ok(());
        }
        with_content(call, namespace, |content| {
            if self.change(call, content, counts)? == 0 {
                let mut upserted = Document::new();
                upserted.push("index", at as i32);
                upserted.push("_id", insert(call, content, self.filter, &self.update)?);
                counts.upserted.push(Value::Document(upserted));
            }
            Ok(())
        })
    }

    /// Changes what meets the filter; how many documents that are.
    fn change(
        &self,
        call: &Call<'_>,
        content: &mut Collection,
        counts: &mut Counts,
    ) -> Result<usize> {
        let found = targets(
            call,
            content,
            self.hint,
            &self.matcher,
            &Sort::default(),
            !self.multi,
        )?;
        for (record, matched) in &found {
            let changed = change(call, content, *record, &self.update, *matched)?;
            counts.matched += 1;
            counts.modified += i32::from(changed.is_some());
        }
        Ok(found.len())
    }
}

/// The variables of the command, and the constants of one statement.
fn with_constants(mut variables: Variables, constants: Option<&Value>) -> Variables {
    if let Some(Value::Document(constants)) = constants {
        for (name, value) in constants {
            variables.bind(name.as_str(), Some(value.clone()));
        }
    }
    variables
}

pub(crate) fn array_filters(value: Option<&Value>) -> Result<&[Value]> {
    match value {
        None => Ok(&[]),
        Some(Value::Array(filters)) => Ok(filters),
        Some(other) => Err(Error::new(
            14,
            format!("arrayFilters must be an array, not {}", other.type_name()),
        )),
    }
}

/// The documents to change: all that meet the filter, or the first in order.
pub(crate) fn targets(
    call: &Call<'_>,
    content: &Collection,
    hint: Option<&Value>,
    matcher: &Matcher,
    sort: &Sort,
    one: bool,
) -> Result<Vec<(RecordId, Match)>> {
    let mut found = Vec::new();
    if let Some(order) = in_order(content, hint, matcher, sort)? {
        visit(
            call,
            content,
            matcher,
            order.records(content),
            |record, _, matched| {
                found.push((record, matched));
                Ok(!one)
            },
        )?;
        return Ok(found);
    }
    let mut found = Vec::new();
    search(call, content, hint, matcher, |record, bytes, matched| {
        let key = if sort.is_empty() {
            Vec::new()
        } else {
            sort.key(&crate::path::Raw(bytes))
        };
        found.push((key, record, matched));
        Ok(!one || !sort.is_empty())
    })?;
    if one && found.len() > 1 {
        found.sort_by(|l, r| sort.compare(&l.0, &r.0).then(l.1.cmp(&r.1)));
        found.truncate(1);
    }
    Ok(found
        .into_iter()
        .map(|(_, record, matched)| (record, matched))
        .collect())
}

/// Changes one document; its new bytes, unless it stayed as it was.
pub(crate) fn change(
    call: &Call<'_>,
    content: &mut Collection,
    record: RecordId,
    update: &Update,
    matched: Match,
) -> Result<Option<Bytes>> {
    let Some(old) = content.get(record).cloned() else {
        return Ok(None);
    };
    let new = update
        .apply(
            &stored(&old)?,
            Situation {
                matched,
                is_insert: false,
            },
        )?
        .to_bytes();
    if *new == *old {
        return Ok(None);
    }
    let new = Bytes::from(new);
    validate(call, content, &new, Some(&old))?;
    content.replace(record, Bytes::clone(&new))?;
    Ok(Some(new))
}

/// Asks the collection's validator, unless the command says not to.
pub(crate) fn validate(
    call: &Call<'_>,
    content: &Collection,
    new: &[u8],
    old: Option<&[u8]>,
) -> Result<()> {
    match call.arguments.flag("bypassDocumentValidation") {
        true => Ok(()),
        false => content.validate(new, old),
    }
}

/// Inserts what an upsert makes of its filter; the new `_id`.
pub(crate) fn insert(
    call: &Call<'_>,
    content: &mut Collection,
    filter: &Document,
    update: &Update,
) -> Result<Value> {
    let seed = seed(filter, update.is_replacement())?;
    let situation = Situation {
        matched: Match::default(),
        is_insert: true,
    };
    let mut made = update.apply(&seed, situation)?;
    let id = made
        .remove("_id")
        .unwrap_or_else(|| Value::ObjectId(new_object_id()));
    let mut document = Document::new();
    document.push("_id", id.clone());
    made.into_iter()
        .for_each(|(key, value)| document.push(key, value));
    let bytes = document.to_bytes();
    super::insert::check_id(&bytes)?;
    validate(call, content, &bytes, None)?;
    content.insert(Bytes::from(bytes))?;
    Ok(id)
}
