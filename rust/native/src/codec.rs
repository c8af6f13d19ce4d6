//! A compiled plan, as Python sees it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use mongolane_bson::Reader;
use mongolane_bson::element::{ARRAY, DOCUMENT, STRING};
use mongolane_bson::writer::{close, head, open, string};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFrozenSet, PyList, PyString, PyType};

use crate::basic::contiguous;
use crate::decode::{Decoder, adopted, instance as decode_instance};
use crate::encode::{Encoder, instance as encode_instance};
use crate::errors::{Fault, Outcome};
use crate::ffi::{FieldsSet, Late};
use crate::fresh::{Fresh, Stamp, remembered};
use crate::json::JsonWriter;
use crate::plan::{Extra, Node, Shape};
use crate::reply::Reply;

/// Reads and writes the documents of one class. Made by ``compile``.
#[pyclass(module = "mongolane.codec", frozen)]
pub struct ModelCodec {
    node: Arc<Node>,
    belonging: Option<(Late, Py<PyAny>)>,
}

/// Lets instances of a class, a pydantic model, share what `__pydantic_fields_set__`
/// holds until it is asked for.
#[pyfunction]
pub fn share_fields_set(class: &Bound<'_, PyType>) -> PyResult<()> {
    let py = class.py();
    let shared = FieldsSet::new(class)?;
    let set = py.get_type::<PyType>().getattr("__setattr__")?;
    set.call1((class, FieldsSet::NAME, shared)).map(drop)
}

/// Compiles a plan. See ``mongolane.codec.plan.ModelPlan``.
#[pyfunction]
pub fn compile(plan: &Bound<'_, PyAny>) -> PyResult<ModelCodec> {
    let node = Node::of(plan, &Arc::new(Mutex::new(HashMap::new())));
    node.prepare(plan.py())?;
    Ok(ModelCodec {
        node,
        belonging: None,
    })
}

#[pymethods]
impl ModelCodec {
    /// The class.
    #[getter]
    fn cls<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyType>> {
        Ok(self.node.shape(py)?.maker.class(py).clone())
    }

    /// The same codec; what it reads has ``value`` as the attribute ``name``, a slot.
    fn belonging(&self, name: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let class = self.node.shape(value.py())?.maker.class(value.py());
        let belonging = Some((Late::new(class, name)?, value.clone().unbind()));
        let node = self.node.clone();
        Ok(Self { node, belonging })
    }

    /// One document as an instance.
    fn decode<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = contiguous(data)?;
        let mut decoder = Decoder::new(py)?;
        decoder.expect(1, data.as_bytes().len());
        decoder.source = Some(data.clone());
        let reader = Reader::new(data.as_bytes()).map_err(Fault::from);
        let made = reader.and_then(|reader| self.made(&mut decoder, reader));
        decoder.finish(made)
    }

    /// A reply's batch as instances.
    fn decode_reply<'py>(
        &self,
        py: Python<'py>,
        reply: &Bound<'py, Reply>,
    ) -> PyResult<Bound<'py, PyList>> {
        let reply = reply.get();
        let mut decoder = Decoder::new(py)?;
        let mut made = Vec::with_capacity(reply.count());
        let data = reply.data(py);
        decoder.expect(reply.count(), data.as_bytes().len());
        decoder.source = Some(data);
        let read = reply.each(py, |reader| {
            made.push(self.made(&mut decoder, reader)?);
            Ok(())
        });
        decoder.finish(read)?;
        PyList::new(py, made)
    }

    /// The document of a findAndModify reply as an instance, None when there is none.
    fn decode_value<'py>(
        &self,
        py: Python<'py>,
        reply: &Bound<'py, Reply>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut decoder = Decoder::new(py)?;
        let made = match reply.get().value_reader(py) {
            Ok(Some(reader)) => self.made(&mut decoder, reader).map(Some),
            Ok(None) => Ok(None),
            Err(fault) => Err(fault),
        };
        decoder.finish(made)
    }

    /// For each dict the instance it becomes if its values are of the types declared;
    /// None where pydantic has to look.
    fn adopt<'py>(
        &self,
        py: Python<'py>,
        given: &Bound<'py, PyList>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut decoder = Decoder::new(py)?;
        decoder.expect(given.len(), 0);
        let mut made = Vec::with_capacity(given.len());
        let mut all = || -> Outcome<()> {
            for one in given.iter() {
                let start = decoder.marks();
                made.push(match adopted(&mut decoder, &one, &self.node) {
                    Err(Fault::Mismatch) => {
                        decoder.reset(start);
                        py.None().into_bound(py)
                    }
                    made => made?,
                });
            }
            Ok(())
        };
        let done = all();
        decoder.finish(done)?;
        PyList::new(py, made)
    }

    /// An instance as a document.
    fn encode<'py>(
        &self,
        py: Python<'py>,
        instance: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        crate::ffi::bytes(py, &self.encoded(instance)?)
    }

    /// Instances as documents to be stored, appended to ``into`` until one is refused:
    /// also one that the class would not read again. ``more`` elements stand behind each.
    #[pyo3(signature = (instances, into, more = None))]
    fn encode_all(
        &self,
        instances: &Bound<'_, PyList>,
        into: &Bound<'_, PyList>,
        more: Option<&[u8]>,
    ) -> PyResult<()> {
        let py = instances.py();
        let mut encoder = Encoder::new(py)?;
        for instance in instances.iter() {
            encoder.out.clear();
            match encode_instance(&mut encoder, &instance, &self.node) {
                Ok(()) => {}
                Err(Fault::Mismatch) => return Err(self.not_ours(&instance)),
                Err(fault) => return Err(fault.raise(py)),
            }
            if self.node.refuses(py)? || std::mem::take(&mut encoder.doubtful) {
                self.read_again(py, &encoder.out)?;
            }
            if let Some(more) = more {
                encoder.append(more).map_err(|fault| fault.raise(py))?;
            }
            into.append(crate::ffi::bytes(py, &encoder.out)?)?;
        }
        Ok(())
    }

    /// Gives instances of the class what new documents need, from ``at`` up to the first
    /// instance of another class, and appends all ids to ``ids``.
    ///
    /// ``reserve`` sets so many ids aside: nine bytes, and the counter's first value.
    /// ``stamps`` are dates (name, value, whether it may be there) for who has none.
    /// ``mark`` is an attribute, with its value, of each and of all that it embeds. The
    /// places of those that must be looked at again, stamped or marked in part, are
    /// appended to ``again``.
    #[allow(clippy::too_many_arguments)]
    fn prepare<'py>(
        &self,
        instances: &Bound<'py, PyList>,
        at: usize,
        ids: &Bound<'py, PyList>,
        again: &Bound<'py, PyList>,
        reserve: &Bound<'py, PyAny>,
        stamps: &Bound<'py, PyList>,
        mark: Option<(Bound<'py, PyString>, Bound<'py, PyAny>)>,
    ) -> PyResult<usize> {
        let fresh = Fresh {
            shape: self.node.shape(instances.py())?,
            reserve,
            stamps: Stamp::all(stamps)?,
            mark,
        };
        fresh.given(instances, at, ids, again)
    }

    /// Lets instances remember the BSON that they equal, if the plan says where.
    fn remember(&self, instances: &Bound<'_, PyList>, data: &Bound<'_, PyList>) -> PyResult<()> {
        remembered(self.node.shape(instances.py())?, instances, data)
    }

    /// The statement of the update that makes the stored document ``old`` to ``new``.
    ///
    /// Empty when nothing has changed, None when a key among ``hard`` has, or one that no
    /// path leads to.
    fn statement<'py>(
        &self,
        py: Python<'py>,
        old: &Bound<'py, PyAny>,
        new: &Bound<'py, PyAny>,
        hard: &Bound<'py, PyFrozenSet>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let (old, new) = (contiguous(old)?, contiguous(new)?);
        let (set, unset) = self
            .difference(py, new.as_bytes(), old.as_bytes())
            .map_err(|fault| fault.raise(py))?;
        let is_hard = |key: &str| -> PyResult<bool> {
            let odd = key.is_empty() || key.starts_with('$') || key.contains('.');
            Ok(odd || hard.contains(key)?)
        };
        for (key, _) in elements(&set).map_err(|fault| fault.raise(py))? {
            // A key that is no text is odd enough.
            if is_hard(std::str::from_utf8(key).unwrap_or_default())? {
                return Ok(None);
            }
        }
        for key in &unset {
            if is_hard(key)? {
                return Ok(None);
            }
        }
        if set.len() == EMPTY && unset.is_empty() {
            return Ok(Some(PyBytes::new(py, b"")));
        }
        let known = elements(old.as_bytes()).map_err(|fault| fault.raise(py))?;
        let id = known.iter().rev().find(|(key, _)| *key == b"_id");
        let Some((_, id)) = id else { return Ok(None) };
        crate::ffi::bytes(py, &update(id, &set, &unset)).map(Some)
    }

    /// What changed since ``raw``: a document of the fields to set, the keys to unset.
    fn changed<'py>(
        &self,
        py: Python<'py>,
        instance: &Bound<'py, PyAny>,
        raw: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyBytes>, Vec<String>)> {
        let new = self.encoded(instance)?;
        let raw = contiguous(raw)?;
        let (set, unset) = self
            .difference(py, &new, raw.as_bytes())
            .map_err(|fault| fault.raise(py))?;
        Ok((PyBytes::new(py, &set), unset))
    }

    /// One document as a JSON object.
    fn json<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let data = contiguous(data)?;
        let mut writer = JsonWriter::new(py)?;
        let reader = Reader::new(data.as_bytes()).map_err(Fault::from);
        let written = reader.and_then(|reader| writer.whole(reader, &self.node));
        writer.finish(written)
    }

    /// A reply's batch as JSON objects joined by commas; in brackets when ``whole``.
    #[pyo3(signature = (reply, *, whole = false))]
    fn json_reply<'py>(
        &self,
        py: Python<'py>,
        reply: &Bound<'py, Reply>,
        whole: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut writer = JsonWriter::new(py)?;
        if whole {
            writer.out.push(b'[');
        }
        let mut first = true;
        let written = reply.get().each(py, |reader| {
            if !std::mem::take(&mut first) {
                writer.out.push(b',');
            }
            writer.whole(reader, &self.node)
        });
        if whole {
            writer.out.push(b']');
        }
        writer.finish(written)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let class = self.node.plan(py).getattr("cls")?.getattr("__name__")?;
        Ok(format!("<ModelCodec of {class}>"))
    }
}

impl ModelCodec {
    #[inline]
    fn made<'py>(
        &self,
        decoder: &mut Decoder<'py>,
        reader: Reader<'_>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let made = decode_instance(decoder, reader, &self.node)?;
        if let Some((slot, value)) = &self.belonging {
            slot.set(&made, value.bind(decoder.py).clone())?;
        }
        Ok(made)
    }

    fn encoded(&self, instance: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
        let py = instance.py();
        let mut encoder = Encoder::new(py)?;
        match encode_instance(&mut encoder, instance, &self.node) {
            Ok(()) => Ok(encoder.out),
            Err(Fault::Mismatch) => Err(self.not_ours(instance)),
            Err(fault) => Err(fault.raise(py)),
        }
    }

    /// Refuses a document that is written, and would be refused when it is read.
    fn read_again(&self, py: Python<'_>, data: &[u8]) -> PyResult<()> {
        let mut decoder = Decoder::new(py)?;
        let reader = Reader::new(data).map_err(Fault::from);
        let made = reader.and_then(|reader| decode_instance(&mut decoder, reader, &self.node));
        match decoder.finish(made) {
            Ok(_) => Ok(()),
            Err(error) => Err(unreadable(py, error)),
        }
    }

    #[cold]
    fn not_ours(&self, instance: &Bound<'_, PyAny>) -> PyErr {
        let py = instance.py();
        let class = self
            .node
            .plan(py)
            .getattr("cls")
            .and_then(|class| class.getattr("__name__"))
            .map(|class| class.to_string());
        let given = instance.get_type().name().map(|name| name.to_string());
        let (given, class) = (given.unwrap_or_default(), class.unwrap_or_default());
        Fault::refuse(format!(
            "a {given} is no {class}, or holds a value of another type than declared"
        ))
        .raise(py)
    }

    /// A document of those elements that have others in their places.
    fn replaced<'a>(
        &self,
        py: Python<'_>,
        pairs: impl Iterator<Item = (&'a Element<'a>, &'a Element<'a>)>,
    ) -> Outcome<Vec<u8>> {
        let shape = self.node.shape(py)?;
        let mut set = Vec::new();
        let start = open(&mut set);
        for ((key, old), (_, new)) in pairs {
            if old != new && !same_set(shape, key, Some(old), new)? {
                set.extend_from_slice(new);
            }
        }
        close(&mut set, start);
        Ok(set)
    }

    fn difference(
        &self,
        py: Python<'_>,
        new: &[u8],
        old: &[u8],
    ) -> Outcome<(Vec<u8>, Vec<String>)> {
        let (before, after) = (elements(old)?, elements(new)?);
        let pairs = || before.iter().zip(&after);
        if before.len() == after.len() && pairs().all(|(old, new)| old.0 == new.0) {
            // As most are: the same keys in the same order.
            return Ok((self.replaced(py, pairs())?, Vec::new()));
        }
        // By key; the last of two, as a dict has it. Emptied as keys are found again.
        let places = before.iter().enumerate().map(|(at, (key, _))| (*key, at));
        let mut places: HashMap<&[u8], usize> = places.collect();
        let shape = self.node.shape(py)?;
        let mut set = Vec::new();
        let start = open(&mut set);
        for (key, element) in after {
            let old = places.remove(key).map(|at| before[at].1);
            if old != Some(element) && !same_set(shape, key, old, element)? {
                set.extend_from_slice(element);
            }
        }
        close(&mut set, start);
        let ours = |key: &[u8]| shape.extra == Extra::Allow || shape.find(key).is_some();
        let mut gone: Vec<_> = places.into_iter().filter(|(key, _)| ours(key)).collect();
        gone.sort_unstable_by_key(|(_, at)| *at);
        let text = |(key, _): (&[u8], usize)| String::from_utf8_lossy(key).into_owned();
        Ok((set, gone.into_iter().map(text).collect()))
    }
}

/// The length of a document without elements.
const EMPTY: usize = 5;

/// An entry of an update command's ``updates``.
fn update(id: &[u8], set: &[u8], unset: &[String]) -> Vec<u8> {
    let mut out = Vec::with_capacity(set.len() + id.len() + 64);
    let document = |out: &mut Vec<u8>, key: &[u8]| {
        head(out, key).set(out, DOCUMENT);
        open(out)
    };
    let whole = open(&mut out);
    let query = document(&mut out, b"q");
    out.extend_from_slice(id);
    close(&mut out, query);
    let change = document(&mut out, b"u");
    if set.len() > EMPTY {
        head(&mut out, b"$set").set(&mut out, DOCUMENT);
        out.extend_from_slice(set);
    }
    if !unset.is_empty() {
        let gone = document(&mut out, b"$unset");
        for key in unset {
            head(&mut out, key.as_bytes()).set(&mut out, STRING);
            string(&mut out, b"");
        }
        close(&mut out, gone);
    }
    close(&mut out, change);
    close(&mut out, whole);
    out
}

/// An error of reading, as one of writing: what it says of the first value, and where.
#[cold]
fn unreadable(py: Python<'_>, error: PyErr) -> PyErr {
    let told = || -> PyResult<PyErr> {
        let problems = error.value(py).getattr("problems")?;
        let (path, said) = problems.get_item(0)?.extract::<(String, String)>()?;
        let name: String = error.value(py).getattr("owner")?.extract()?;
        let message = format!("{said}; {name} could not be read again");
        let fault = Fault::refuse(message);
        Ok(match path.is_empty() {
            true => fault,
            false => fault.within(path.as_bytes()),
        }
        .raise(py))
    };
    told().unwrap_or(error)
}

/// Whether two arrays hold the same items of a set, which has no order of its own.
fn same_set(shape: &Shape, key: &[u8], old: Option<&[u8]>, new: &[u8]) -> Outcome<bool> {
    let Some(old) = old else {
        return Ok(false);
    };
    let set = shape
        .find(key)
        .is_some_and(|at| shape.fields[at].kind.is_set());
    if !set || old[0] != ARRAY || new[0] != ARRAY || old.len() != new.len() {
        return Ok(false);
    }
    let items = |element: &[u8]| -> Outcome<Vec<Vec<u8>>> {
        let mut reader = Reader::new(&element[key.len() + 2..])?;
        let mut items = Vec::new();
        while let Some((tag, _)) = reader.next()? {
            items.push([&[tag], reader.skip(tag)?].concat());
        }
        items.sort_unstable();
        Ok(items)
    };
    Ok(items(old)? == items(new)?)
}

/// A key, and the whole element: with its type and key in front.
type Element<'a> = (&'a [u8], &'a [u8]);

/// The elements of a document.
fn elements(bytes: &[u8]) -> Outcome<Vec<Element<'_>>> {
    let mut reader = Reader::new(bytes)?;
    let mut found = Vec::new();
    loop {
        let start = reader.position();
        let Some((tag, key)) = reader.next()? else {
            return Ok(found);
        };
        reader.skip(tag)?;
        found.push((key, &bytes[start..reader.position()]));
    }
}
