//! New documents: their ids, and what is remembered of them once they are stored.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::ffi::attribute;
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

/// Gives instances of the class an id where they have none, and appends all ids to `ids`.
///
/// Begins at `at`, and ends before the first instance of another class; gives its place.
pub fn identified<'py>(
    shape: &Shape,
    documents: &Bound<'py, PyList>,
    at: usize,
    ids: &Bound<'py, PyList>,
    reserve: &Bound<'py, PyAny>,
    mut mark: impl FnMut(&Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<usize> {
    let py = documents.py();
    let field = shape.find(b"_id").map(|at| &shape.fields[at]);
    let field = field.ok_or_else(|| PyValueError::new_err("a class without an id"))?;
    let (name, class) = (field.name.bind(py), shape.maker.class(py));
    let (mut range, mut last) = (
        Range {
            types: types(py)?,
            reserve,
            lead: None,
            next: 0,
        },
        None,
    );
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
        mark(&instance)?;
        ids.append(id)?;
    }
    Ok(documents.len())
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
