//! New documents: their ids, and what is remembered of them once they are stored.

use mongolane_bson::MAX_DEPTH;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use crate::errors::{Fault, Outcome};
use crate::ffi::{attribute, set_attribute};
use crate::kind::Kind;
use crate::plan::{KeepRaw, Shape};
use crate::types::{Types, types};

/// A counter's three bytes.
const MOST: u32 = 0x00FF_FFFF;

/// ObjectIds out of a range that was set aside for us.
struct Range<'a, 'py> {
    types: &'static Types,
    /// Sets aside so many: gives the bytes in front of the counter, and its first value.
    reserve: &'a Bound<'py, PyAny>,
    lead: Option<[u8; 9]>,
    next: u32,
}

impl<'py> Range<'_, 'py> {
    /// One more; there will be `most` at most, this one included.
    fn next(&mut self, most: usize) -> PyResult<Bound<'py, PyAny>> {
        let py = self.reserve.py();
        let lead = match self.lead {
            Some(lead) => lead,
            None => {
                let found = self.reserve.call1((most,))?;
                let (lead, next): (Bound<'py, PyBytes>, u32) = found.extract()?;
                let lead = lead.as_bytes().try_into();
                let lead = lead.map_err(|_| PyValueError::new_err("not nine bytes"))?;
                self.next = next;
                *self.lead.insert(lead)
            }
        };
        let mut id = [0; 12];
        id[..9].copy_from_slice(&lead);
        id[9..].copy_from_slice(&(self.next & MOST).to_be_bytes()[1..]);
        self.next = self.next.wrapping_add(1);
        self.types.object_ids.make(py, &id)
    }
}

/// A date that a new document gets where it has none.
pub struct Stamp<'py> {
    name: Bound<'py, PyString>,
    value: Bound<'py, PyAny>,
    /// One that a document may have been given before.
    may_be_there: bool,
}

impl<'py> Stamp<'py> {
    /// Of tuples of its parts.
    pub fn all(given: &Bound<'py, PyList>) -> PyResult<Vec<Self>> {
        let read = |one: Bound<'py, PyAny>| {
            let (name, value, may_be_there) = one.extract()?;
            Ok(Self {
                name,
                value,
                may_be_there,
            })
        };
        given.iter().map(read).collect()
    }
}

/// What new documents are given.
pub struct Fresh<'a, 'py> {
    pub shape: &'a Shape,
    /// Sets ids aside.
    pub reserve: &'a Bound<'py, PyAny>,
    pub stamps: Vec<Stamp<'py>>,
    /// An attribute of each, and of all that it embeds.
    pub mark: Option<(Bound<'py, PyString>, Bound<'py, PyAny>)>,
}

/// What sets of fields were last, and what they became.
type Last<'py> = Option<[Bound<'py, PyAny>; 2]>;

impl<'py> Fresh<'_, 'py> {
    /// Gives instances of the class an id where they have none, and appends all ids to
    /// `ids`, the places of those that Python has to look at again to `again`.
    ///
    /// Begins at `at`, and ends before the first instance of another class; gives its place.
    pub fn given(
        &self,
        documents: &Bound<'py, PyList>,
        at: usize,
        ids: &Bound<'py, PyList>,
        again: &Bound<'py, PyList>,
    ) -> PyResult<usize> {
        let (py, shape) = (documents.py(), self.shape);
        let field = shape.find(b"_id").map(|at| &shape.fields[at]);
        let field = field.ok_or_else(|| PyValueError::new_err("a class without an id"))?;
        let (name, class) = (field.name.bind(py), shape.maker.class(py));
        let mut range = Range {
            types: types(py)?,
            reserve: self.reserve,
            lead: None,
            next: 0,
        };
        let mut last: Last<'py> = None;
        let mut lasts: Vec<Last<'py>> = self.stamps.iter().map(|_| None).collect();
        for place in at..documents.len() {
            let instance = documents.get_item(place)?;
            if !instance.get_type().is(class) {
                return Ok(place);
            }
            let id = match attribute(&instance, name)?.filter(|id| !id.is_none()) {
                Some(id) => id,
                None => {
                    let id = range.next(documents.len() - place)?;
                    shape.maker.put(&instance, name, &id)?;
                    shape.maker.add_set(&instance, name, &mut last)?;
                    id
                }
            };
            let dated = self.dated(&instance, &mut lasts)?;
            if !(dated && self.marked(&instance)?) {
                again.append(place)?;
            }
            ids.append(id)?;
        }
        Ok(documents.len())
    }

    /// Sets dates where there are none; false where there is one that must be another.
    fn dated(&self, instance: &Bound<'py, PyAny>, lasts: &mut [Last<'py>]) -> PyResult<bool> {
        let maker = &self.shape.maker;
        for (stamp, last) in self.stamps.iter().zip(lasts) {
            let there = attribute(instance, &stamp.name)?.is_some_and(|held| !held.is_none());
            if !there {
                maker.put(instance, &stamp.name, &stamp.value)?;
                maker.add_set(instance, &stamp.name, last)?;
            } else if !stamp.may_be_there {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn marked(&self, instance: &Bound<'py, PyAny>) -> PyResult<bool> {
        let Some((name, value)) = &self.mark else {
            return Ok(true);
        };
        let set = &mut |one: &Bound<'py, PyAny>| set_attribute(one, name, value);
        match inside(self.shape, instance, set, MAX_DEPTH) {
            Ok(()) => Ok(true),
            Err(Fault::Mismatch) => Ok(false),
            Err(fault) => Err(fault.raise(instance.py())),
        }
    }
}

/// Visits an instance, and all that it embeds whose classes keep their BSON.
fn inside<'py>(
    shape: &Shape,
    instance: &Bound<'py, PyAny>,
    visit: &mut impl FnMut(&Bound<'py, PyAny>) -> PyResult<()>,
    depth: usize,
) -> Outcome<()> {
    let py = instance.py();
    if depth == 0 || !instance.get_type().is(shape.maker.class(py)) {
        return Err(Fault::Mismatch);
    }
    if matches!(shape.keep_raw, Some(KeepRaw::Attribute(_))) {
        visit(instance)?;
    }
    for field in &shape.fields {
        if field.kind.holds_models()
            && let Some(value) = attribute(instance, field.name.bind(py))?
        {
            within(&field.kind, &value, visit, depth - 1)?;
        }
    }
    Ok(())
}

fn within<'py>(
    kind: &Kind,
    value: &Bound<'py, PyAny>,
    visit: &mut impl FnMut(&Bound<'py, PyAny>) -> PyResult<()>,
    depth: usize,
) -> Outcome<()> {
    match kind {
        Kind::Nullable(_) if value.is_none() => Ok(()),
        Kind::Nullable(inner) => within(inner, value, visit, depth),
        Kind::Model(node) => inside(node.shape(value.py())?, value, visit, depth),
        Kind::List(list) => {
            let items = value.cast_exact::<PyList>();
            for item in items.map_err(|_| Fault::Mismatch)?.iter() {
                within(&list.item, &item, visit, depth)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Lets instances remember the BSON that they equal, where the class keeps it.
pub fn remembered(
    shape: &Shape,
    instances: &Bound<'_, PyList>,
    data: &Bound<'_, PyList>,
) -> PyResult<()> {
    let Some(KeepRaw::Attribute(raw)) = &shape.keep_raw else {
        return Ok(());
    };
    for (instance, bytes) in instances.iter().zip(data.iter()) {
        raw.set(&instance, bytes)?;
    }
    Ok(())
}
