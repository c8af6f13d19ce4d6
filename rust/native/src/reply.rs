//! A server's answer: scanned once, values made when asked for.

use std::ops::Range;
use std::sync::Once;

use mongolane_bson::element as tag;
use mongolane_bson::{Error, Reader};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::basic::contiguous;
use crate::decode::{Decoder, value, whole};
use crate::errors::Outcome;

/// Replies of this size and more, and what is made of them, are large to malloc.
const LARGE: usize = 64 * 1024;

static ROOM: Once = Once::new();

/// Lets malloc see a large block come and go.
///
/// glibc gives the end of its heap back when more than twice the largest such block is
/// free there (`M_MMAP_THRESHOLD` in mallopt(3)), at first 128 KiB: then each large reply
/// and the JSON of it come on fresh pages, whose faults cost as much as the work. The
/// block is never touched; up to 16 MiB stay with the process.
fn make_room() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(8 << 20)));
}

/// What one scan of a reply finds; ranges are of the reply's bytes.
#[derive(Default)]
struct Scan {
    ok: bool,
    cursor_id: i64,
    namespace: Option<Range<usize>>,
    batch: Option<Range<usize>>,
    count: usize,
    cluster_time: Option<Range<usize>>,
    operation_time: Option<(u32, u32)>,
    write_errors: bool,
    write_concern_error: bool,
    value: Option<Range<usize>>,
    n: Option<i64>,
    labels: Option<Range<usize>>,
    modified: i64,
    /// Whether a write tells more than how many.
    more: bool,
}

/// A server's answer. See ``mongolane.abc.Reply``.
#[pyclass(module = "mongolane.codec", frozen)]
pub struct Reply {
    data: Py<PyBytes>,
    scan: Scan,
    pin: std::sync::Mutex<Option<Py<PyAny>>>,
}

#[pymethods]
impl Reply {
    #[new]
    fn new(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let data = contiguous(data)?;
        if data.as_bytes().len() >= LARGE {
            ROOM.call_once(make_room);
        }
        let scan = scan(data.as_bytes())
            .map_err(|error| crate::errors::Fault::from(error).raise(data.py()))?;
        Ok(Self {
            scan,
            data: data.unbind(),
            pin: std::sync::Mutex::new(None),
        })
    }

    /// The reply's BSON document.
    #[getter]
    pub fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.data.bind(py).clone()
    }

    /// Where follow-ups of this reply's cursor must go; set by the lane.
    #[getter]
    fn pin(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let pin = self.pin.lock().ok()?;
        pin.as_ref().map(|pin| pin.clone_ref(py))
    }

    #[setter]
    fn set_pin(&self, pin: Option<Py<PyAny>>) {
        let old = self
            .pin
            .lock()
            .map(|mut slot| std::mem::replace(&mut *slot, pin));
        drop(old);
    }

    /// Whether the server says ``ok: 1``.
    #[getter]
    fn ok(&self) -> bool {
        self.scan.ok
    }

    /// The cursor's id; 0 when there is none, or nothing more to fetch.
    #[getter]
    fn cursor_id(&self) -> i64 {
        self.scan.cursor_id
    }

    /// The cursor's namespace, ``database.collection``.
    #[getter]
    fn namespace(&self, py: Python<'_>) -> Option<String> {
        let bytes = &self.bytes(py)[self.scan.namespace.clone()?];
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The ``$clusterTime`` document, raw.
    #[getter]
    fn cluster_time<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.part(py, self.scan.cluster_time.clone())
    }

    /// ``operationTime`` as a ``bson.Timestamp``.
    #[getter]
    fn operation_time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(time) = self.scan.operation_time else {
            return Ok(None);
        };
        let class = crate::types::types(py)?.timestamp.bind(py);
        class.call1(time).map(Some)
    }

    /// Whether some write was refused.
    #[getter]
    fn has_write_errors(&self) -> bool {
        self.scan.write_errors
    }

    /// Whether a write was not as safe as asked.
    #[getter]
    fn has_write_concern_error(&self) -> bool {
        self.scan.write_concern_error
    }

    /// The reply's ``n``.
    #[getter]
    fn n(&self) -> Option<i64> {
        self.scan.n
    }

    /// What a write has done, ``n`` and ``nModified``, if the reply tells no more of it.
    #[getter]
    fn counts(&self) -> Option<(i64, i64)> {
        let n = self.scan.n.filter(|_| !self.scan.more)?;
        Some((n, self.scan.modified))
    }

    /// The reply's ``errorLabels``.
    #[getter]
    fn error_labels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let labels = PyList::empty(py);
        if let Some(range) = self.scan.labels.clone() {
            let mut decoder = self.decoder(py)?;
            let read = elements(
                &self.bytes(py)[range.clone()],
                range.start,
                |kind, reader| {
                    labels.append(value(&mut decoder, kind, reader)?)?;
                    Ok(())
                },
            );
            decoder.finish(read)?;
        }
        Ok(labels)
    }

    fn __len__(&self) -> usize {
        self.scan.count
    }

    /// The whole reply as a dict.
    fn document<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let mut decoder = self.decoder(py)?;
        let reader = Reader::new(self.bytes(py)).map_err(Into::into);
        let made = reader.and_then(|reader| whole(&mut decoder, reader));
        decoder.finish(made)
    }

    /// The batch as dicts.
    fn documents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut decoder = self.decoder(py)?;
        let mut made = Vec::with_capacity(self.scan.count);
        let read = self.each(py, |reader| {
            made.push(whole(&mut decoder, reader)?);
            Ok(())
        });
        decoder.finish(read)?;
        PyList::new(py, made)
    }

    /// The batch as BSON documents.
    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut made = Vec::with_capacity(self.scan.count);
        let read = self.each(py, |reader| {
            made.push(PyBytes::new(py, reader.bytes()));
            Ok(())
        });
        read.map_err(|fault| fault.raise(py))?;
        PyList::new(py, made)
    }

    /// The ``value`` of findAndModify as BSON, None when no document matched.
    fn value<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.part(py, self.scan.value.clone())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let size = self.bytes(py).len();
        let (ok, count) = (u8::from(self.scan.ok), self.scan.count);
        format!("<Reply ok={ok} documents={count} bytes={size}>")
    }
}

impl Reply {
    /// The reply's bytes.
    pub fn bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        self.data.bind(py).as_bytes()
    }

    /// How many documents the batch has.
    pub fn count(&self) -> usize {
        self.scan.count
    }

    /// findAndModify's document, and where it lies.
    pub fn value_reader<'a>(&'a self, py: Python<'a>) -> Outcome<Option<Reader<'a>>> {
        let Some(range) = self.scan.value.clone() else {
            return Ok(None);
        };
        let bytes = &self.bytes(py)[range.clone()];
        Ok(Some(Reader::inside(bytes, range.start)?))
    }

    /// Calls `visit` for each document of the batch.
    pub fn each<'a>(
        &'a self,
        py: Python<'a>,
        mut visit: impl FnMut(Reader<'a>) -> Outcome<()>,
    ) -> Outcome<()> {
        let Some(range) = self.scan.batch.clone() else {
            return Ok(());
        };
        let bytes = &self.bytes(py)[range.clone()];
        elements(bytes, range.start, |_, reader| visit(reader.document()?))
    }

    fn part<'py>(
        &self,
        py: Python<'py>,
        range: Option<Range<usize>>,
    ) -> Option<Bound<'py, PyBytes>> {
        Some(PyBytes::new(py, &self.bytes(py)[range?]))
    }

    /// Servers put whatever they were sent into their error texts.
    fn decoder<'py>(&self, py: Python<'py>) -> PyResult<Decoder<'py>> {
        let mut decoder = Decoder::new(py)?;
        decoder.lossy = !self.scan.ok || self.scan.write_errors || self.scan.write_concern_error;
        Ok(decoder)
    }
}

/// Walks the values of an array.
fn elements<'a>(
    bytes: &'a [u8],
    base: usize,
    mut visit: impl FnMut(u8, &mut Reader<'a>) -> Outcome<()>,
) -> Outcome<()> {
    let mut reader = Reader::inside(bytes, base)?;
    while let Some((kind, key)) = reader.next()? {
        visit(kind, &mut reader).map_err(|fault| fault.within(key))?;
    }
    Ok(())
}

fn scan(bytes: &[u8]) -> Result<Scan, Error> {
    let mut found = Scan::default();
    let mut reader = Reader::new(bytes)?;
    while let Some((kind, key)) = reader.next()? {
        let start = reader.position();
        field(&mut found, kind, key, &mut reader).map_err(|error| error.within(key))?;
        reader.seek(start);
        reader.skip(kind).map_err(|error| error.within(key))?;
    }
    Ok(found)
}

fn field(found: &mut Scan, kind: u8, key: &[u8], reader: &mut Reader<'_>) -> Result<(), Error> {
    let whole = matches!(kind, tag::INT32 | tag::INT64);
    found.more |= match key {
        b"n" | b"nModified" => !whole,
        b"upserted" | b"writeErrors" | b"writeConcernError" => true,
        _ => false,
    };
    match (key, kind) {
        (b"nModified", _) if whole => found.modified = number(kind, reader)?.unwrap_or(0),
        (b"cursor", tag::DOCUMENT) => return cursor(found, reader.document()?),
        (b"ok", _) => found.ok = number(kind, reader)? == Some(1),
        (b"n", _) => found.n = number(kind, reader)?,
        (b"$clusterTime", tag::DOCUMENT) => found.cluster_time = Some(range(reader)?),
        (b"operationTime", tag::TIMESTAMP) => found.operation_time = Some(reader.timestamp()?),
        (b"writeErrors", tag::ARRAY) => found.write_errors = reader.document()?.bytes().len() > 5,
        (b"writeConcernError", tag::DOCUMENT) => found.write_concern_error = true,
        (b"value", tag::DOCUMENT) => found.value = Some(range(reader)?),
        (b"errorLabels", tag::ARRAY) => found.labels = Some(range(reader)?),
        _ => {}
    }
    Ok(())
}

/// Where the embedded document under the cursor lies in the reply.
fn range(reader: &mut Reader<'_>) -> Result<Range<usize>, Error> {
    let inner = reader.document()?;
    let start = inner.offset() - 4;
    Ok(start..start + inner.bytes().len())
}

/// A whole number of whatever numeric type.
fn number(kind: u8, reader: &mut Reader<'_>) -> Result<Option<i64>, Error> {
    Ok(match kind {
        tag::INT32 => Some(i64::from(reader.int32()?)),
        tag::INT64 => Some(reader.int64()?),
        tag::DOUBLE => Some(reader.double()? as i64),
        tag::BOOL => Some(i64::from(reader.boolean()?)),
        _ => None,
    })
}

fn cursor(found: &mut Scan, mut reader: Reader<'_>) -> Result<(), Error> {
    while let Some((kind, key)) = reader.next()? {
        match (key, kind) {
            (b"id", _) if matches!(kind, tag::INT32 | tag::INT64 | tag::DOUBLE) => {
                found.cursor_id = number(kind, &mut reader)?.unwrap_or(0);
            }
            (b"ns", tag::STRING) => {
                let text = reader.string_bytes()?;
                let end = reader.offset() - 1;
                found.namespace = Some(end - text.len()..end);
            }
            (b"firstBatch" | b"nextBatch", tag::ARRAY) => {
                let range = range(&mut reader)?;
                let mut batch = reader;
                batch.seek(reader.position() - range.len());
                found.count = count(batch.document()?)?;
                found.batch = Some(range);
            }
            _ => drop(reader.skip(kind)?),
        }
    }
    Ok(())
}

fn count(mut batch: Reader<'_>) -> Result<usize, Error> {
    let mut count = 0;
    while let Some((kind, key)) = batch.next()? {
        if kind != tag::DOCUMENT {
            return Err(batch
                .error("a batch with something else than documents")
                .within(key));
        }
        batch.document().map_err(|error| error.within(key))?;
        count += 1;
    }
    Ok(count)
}
