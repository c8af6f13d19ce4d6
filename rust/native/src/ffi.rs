//! Whatever must be `unsafe`, behind functions that are not.
//!
//! Three things here are worth the trouble, each measured: text made without
//! looking at it twice, an ObjectId made without a call, and model instances
//! filled without a call. What is written into a slot of an object is written
//! only by the function that has just made that object.
#![allow(unsafe_code)]
#![deny(clippy::undocumented_unsafe_blocks)]

use std::os::raw::c_char;

use pyo3::exceptions::{PyAttributeError, PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyFrozenSet, PySet, PyString, PyTuple, PyType};

/// Text from UTF-8; None when it is not UTF-8.
#[inline]
pub fn text<'py>(py: Python<'py>, bytes: &[u8]) -> Option<Bound<'py, PyAny>> {
    if bytes.len() > 1 && bytes.is_ascii() {
        // SAFETY: the GIL is held. A new ASCII string of this size has room for
        // exactly these bytes (and CPython has set the NUL behind them); nobody
        // else has seen it yet. Sizes 0 and 1 may be shared and don't get here.
        unsafe {
            let object = ffi::PyUnicode_New(bytes.len() as ffi::Py_ssize_t, 127);
            let owned = Bound::from_owned_ptr_or_opt(py, object)?;
            let data = ffi::PyUnicode_DATA(object).cast::<u8>();
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
            return Some(owned);
        }
    }
    decode_utf8(py, bytes, c"strict")
}

/// Bytes, or a MemoryError.
pub fn bytes<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let size = data.len() as ffi::Py_ssize_t;
    // SAFETY: `data` is readable for `size` bytes; the result is a new reference to
    // bytes, or null with an exception set.
    unsafe {
        let made = ffi::PyBytes_FromStringAndSize(data.as_ptr().cast::<c_char>(), size);
        Bound::from_owned_ptr_or_err(py, made).map(|made| made.cast_into_unchecked())
    }
}

/// Text from bytes that should be UTF-8; what is not becomes U+FFFD.
pub fn lossy_text<'py>(py: Python<'py>, bytes: &[u8]) -> Option<Bound<'py, PyAny>> {
    decode_utf8(py, bytes, c"replace")
}

/// A copy of the part of `buffer` that `choose` points to.
pub fn copied<'py>(
    buffer: &Bound<'py, PyByteArray>,
    choose: impl for<'a> FnOnce(&'a [u8]) -> Option<&'a [u8]>,
) -> Option<Bound<'py, PyBytes>> {
    // SAFETY: the GIL is held, and nothing here runs Python code that could resize
    // or change the buffer: `choose` looks at bytes alone, and making a bytes object
    // does not wake the collector.
    let bytes = unsafe { buffer.as_bytes() };
    Some(PyBytes::new(buffer.py(), choose(bytes)?))
}

fn decode_utf8<'py>(
    py: Python<'py>,
    bytes: &[u8],
    errors: &std::ffi::CStr,
) -> Option<Bound<'py, PyAny>> {
    let data = bytes.as_ptr().cast::<c_char>();
    let size = bytes.len() as ffi::Py_ssize_t;
    // SAFETY: the GIL is held, `data` is readable for `size` bytes, `errors` ends
    // in NUL; the result is a new reference or null with an exception set.
    let made = unsafe {
        let object = ffi::PyUnicode_DecodeUTF8(data, size, errors.as_ptr());
        Bound::from_owned_ptr_or_opt(py, object)
    };
    if made.is_none() {
        drop(PyErr::take(py));
    }
    made
}

/// Tells the cyclic collector to leave an object alone.
///
/// Only for objects that hold nothing which could lead back to them.
#[inline]
fn untrack(object: &Bound<'_, PyAny>) {
    // SAFETY: the object is alive and of a type with a collector header (a set,
    // or an instance of a class made in Python); untracking twice is allowed.
    unsafe { ffi::PyObject_GC_UnTrack(object.as_ptr().cast()) }
}

/// New containers that the cyclic collector is told of only when this is dropped.
///
/// The collector runs within a large batch, and again and again walks what it made
/// until then. What is told of at the batch's end is walked once, if it lives so long.
#[derive(Default)]
pub struct Hidden<'py>(Vec<Bound<'py, PyAny>>);

impl<'py> Hidden<'py> {
    /// Takes a container that was just made, and that only we hold.
    #[inline]
    pub fn add(&mut self, made: &Bound<'py, PyAny>) {
        untrack(made);
        self.0.push(made.clone());
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        for made in &self.0 {
            // SAFETY: alive, and of a type with a collector header, or it would not
            // have been added; tracking twice is what the question prevents.
            unsafe {
                if ffi::PyObject_GC_IsTracked(made.as_ptr()) == 0 {
                    ffi::PyObject_GC_Track(made.as_ptr().cast());
                }
            }
        }
    }
}

/// Texts of a batch that may come again: one entry a slot, by hash.
pub struct Texts<'py> {
    kept: Vec<Option<Bound<'py, PyAny>>>,
    tries: u32,
    hits: u32,
}

impl<'py> Texts<'py> {
    const SLOTS: usize = 256;
    const LONGEST: usize = 64;
    /// After so many tries it is asked whether this pays.
    const TRIAL: u32 = 256;

    pub fn new() -> Self {
        let kept = vec![None; Self::SLOTS];
        Self {
            kept,
            tries: 0,
            hits: 0,
        }
    }

    /// Whether enough of the texts had been there before.
    #[inline]
    pub fn pays(&self) -> bool {
        self.tries < Self::TRIAL || self.hits * 4 >= self.tries
    }

    /// The same as [`text`], and the same object where the text was there before.
    #[inline]
    pub fn text(&mut self, py: Python<'py>, bytes: &[u8]) -> Option<Bound<'py, PyAny>> {
        let short = (2..=Self::LONGEST).contains(&bytes.len());
        if !short || !bytes.is_ascii() {
            return text(py, bytes);
        }
        self.tries += 1;
        let slot = &mut self.kept[place(bytes) % Self::SLOTS];
        if let Some(kept) = slot
            && is_ascii_text(kept, bytes)
        {
            self.hits += 1;
            return Some(kept.clone());
        }
        let made = text(py, bytes)?;
        *slot = Some(made.clone());
        Some(made)
    }
}

/// Where a text is kept: from its length, its beginning and its end. At least 2 bytes.
#[inline]
fn place(bytes: &[u8]) -> usize {
    let ends = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(&first), Some(&last)) => {
            u64::from_le_bytes(first).rotate_left(7) ^ u64::from_le_bytes(last)
        }
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(&first), Some(&last)) => {
                u64::from(u32::from_le_bytes(first)) << 32 | u64::from(u32::from_le_bytes(last))
            }
            _ => {
                u64::from(bytes[0]) << 16
                    | u64::from(bytes[1]) << 8
                    | u64::from(bytes[bytes.len() - 1])
            }
        },
    };
    ((ends ^ bytes.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize
}

/// Whether a text made by [`text`] from ASCII is this one.
#[inline]
fn is_ascii_text(kept: &Bound<'_, PyAny>, bytes: &[u8]) -> bool {
    // SAFETY: the object is an ASCII str, whose data are as many bytes as its length
    // says, and nobody changes them.
    let held = unsafe {
        let data = ffi::PyUnicode_DATA(kept.as_ptr()).cast::<u8>();
        let size = ffi::PyUnicode_GET_LENGTH(kept.as_ptr()) as usize;
        std::slice::from_raw_parts(data, size)
    };
    held == bytes
}

/// A copy of a set of texts, unknown to the cyclic collector.
#[inline]
pub fn copy_text_set<'py>(set: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the argument is alive; the result is a new reference or null.
    let copy = unsafe { Bound::from_owned_ptr_or_err(set.py(), ffi::PySet_New(set.as_ptr()))? };
    untrack(&copy);
    Ok(copy)
}

/// Where an object attribute declared in `__slots__` lies in instances of a class.
#[derive(Clone, Copy, Debug)]
struct Slot(usize);

impl Slot {
    /// Reads it from the class's member descriptor; None if there is none.
    fn find(class: &Bound<'_, PyType>, name: &str) -> Option<Self> {
        let py = class.py();
        for base in class.mro().iter() {
            let base = base.cast_into::<PyType>().ok()?;
            let dict = base.getattr("__dict__").ok()?;
            let Ok(member) = dict.get_item(name) else {
                continue;
            };
            if let Ok(shared) = member.cast::<FieldsSet>() {
                return Some(shared.get().slot);
            }
            // SAFETY: the type object is a static of the interpreter.
            let kind =
                unsafe { PyType::from_borrowed_type_ptr(py, &raw mut ffi::PyMemberDescr_Type) };
            if !member.get_type().is(&kind) {
                return None;
            }
            return Self::read(&member, &base);
        }
        None
    }

    fn read(member: &Bound<'_, PyAny>, owner: &Bound<'_, PyType>) -> Option<Self> {
        let descriptor = member.as_ptr().cast::<ffi::PyMemberDescrObject>();
        // SAFETY: the caller has checked the exact type, so the struct is a
        // PyMemberDescrObject, whose member definition lives as long as its class.
        let (kind, offset, of) = unsafe {
            let definition = (*descriptor).d_member;
            let of = (*descriptor).d_common.d_type;
            ((*definition).type_code, (*definition).offset, of)
        };
        // SAFETY: `owner` is a type object.
        let size = unsafe { (*owner.as_type_ptr()).tp_basicsize };
        let word = size_of::<*mut ffi::PyObject>() as ffi::Py_ssize_t;
        let fits = offset >= size_of::<ffi::PyObject>() as ffi::Py_ssize_t
            && offset % word == 0
            && offset + word <= size;
        let right = kind == ffi::Py_T_OBJECT_EX && of == owner.as_type_ptr() && fits;
        right.then_some(Self(offset as usize))
    }

    /// Puts a value into the slot of an instance of `class`, where it was found, or
    /// of a subclass; false, and nothing done, for any other object.
    fn put(
        self,
        class: &Bound<'_, PyType>,
        instance: &Bound<'_, PyAny>,
        value: Bound<'_, PyAny>,
    ) -> bool {
        if !is_instance(instance, class) {
            return false;
        }
        // SAFETY: so the word at this offset is an object or null, which is taken out
        // of the instance before it is let go.
        let old = unsafe {
            let at = instance
                .as_ptr()
                .cast::<u8>()
                .add(self.0)
                .cast::<*mut ffi::PyObject>();
            Bound::from_owned_ptr_or_opt(instance.py(), at.replace(value.into_ptr()))
        };
        drop(old);
        true
    }

    /// What the slot holds; None when it is empty, or for an object of another class.
    fn get<'py>(
        self,
        class: &Bound<'py, PyType>,
        instance: &Bound<'py, PyAny>,
    ) -> Option<Bound<'py, PyAny>> {
        if !is_instance(instance, class) {
            return None;
        }
        // SAFETY: so the word at this offset is an object or null.
        unsafe {
            let at = instance
                .as_ptr()
                .cast::<u8>()
                .add(self.0)
                .cast::<*mut ffi::PyObject>();
            Bound::from_borrowed_ptr_or_opt(instance.py(), at.read())
        }
    }

    /// Puts a value into an empty slot.
    ///
    /// # Safety
    /// `instance` must be of the class this slot was found in, or of a subclass,
    /// and its slot must still be empty.
    #[inline]
    unsafe fn fill(self, instance: &Bound<'_, PyAny>, value: Bound<'_, PyAny>) {
        // SAFETY: by the contract the word at this offset is the empty slot; the
        // reference is handed over to the instance.
        unsafe {
            let at = instance.as_ptr().cast::<u8>().add(self.0);
            at.cast::<*mut ffi::PyObject>().write(value.into_ptr());
        }
    }
}

/// Whether an object is of a class or of a subclass, by its type alone.
fn is_instance(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> bool {
    // SAFETY: a live object and a live type.
    unsafe { ffi::PyObject_TypeCheck(object.as_ptr(), class.as_type_ptr()) != 0 }
}

/// An attribute that instances of one class get after they were made.
pub struct Late {
    class: Py<PyType>,
    slot: Option<Slot>,
    name: Py<PyString>,
}

impl Late {
    /// The attribute `name`, in a slot or not.
    pub fn new(class: &Bound<'_, PyType>, name: &Bound<'_, PyString>) -> PyResult<Self> {
        let slot = Slot::find(class, name.to_str()?);
        let (class, name) = (class.clone().unbind(), name.clone().unbind());
        Ok(Self { class, slot, name })
    }

    /// Sets it, whatever it was.
    #[inline]
    pub fn set<'py>(&self, instance: &Bound<'py, PyAny>, value: Bound<'py, PyAny>) -> PyResult<()> {
        let py = instance.py();
        match self.slot {
            Some(slot) if is_instance(instance, self.class.bind(py)) => {
                slot.put(self.class.bind(py), instance, value);
                Ok(())
            }
            _ => set_attribute(instance, self.name.bind(py), &value),
        }
    }
}

/// Stands for `__pydantic_fields_set__` in a class whose instances may share theirs.
///
/// A set with eleven names takes 728 bytes, and most instances that were read have the
/// same names set. So the codec gives them one *frozenset*; whoever asks for an
/// instance's set makes it the instance's own first. Nobody can see that it was shared.
#[pyclass(module = "mongolane.codec", frozen)]
pub struct FieldsSet {
    class: Py<PyType>,
    slot: Slot,
}

impl FieldsSet {
    /// The attribute that it stands for.
    pub const NAME: &str = SLOTS[0];
}

#[pymethods]
impl FieldsSet {
    /// For `class`, which has the slot from pydantic's `BaseModel`.
    #[new]
    pub fn new(class: &Bound<'_, PyType>) -> PyResult<Self> {
        let missing =
            || PyRuntimeError::new_err("a class without __pydantic_fields_set__ in its slots");
        let slot = Slot::find(class, SLOTS[0]).ok_or_else(missing)?;
        let class = class.clone().unbind();
        Ok(Self { class, slot })
    }

    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: Option<&Bound<'py, PyAny>>,
        _owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Some(instance) = instance else {
            return Ok(slf.clone().into_any());
        };
        let (py, own) = (slf.py(), slf.get());
        let class = own.class.bind(py);
        let held = own.slot.get(class, instance);
        let held = held.ok_or_else(|| PyAttributeError::new_err(SLOTS[0]))?;
        if !held.is_exact_instance_of::<PyFrozenSet>() {
            return Ok(held);
        }
        let made = copy_text_set(&held)?;
        own.slot.put(class, instance, made.clone());
        Ok(made)
    }

    fn __set__(&self, instance: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match self
            .slot
            .put(self.class.bind(instance.py()), instance, value.clone())
        {
            true => Ok(()),
            false => Err(PyTypeError::new_err(
                "not an instance of this descriptor's class",
            )),
        }
    }
}

/// Whether the class's instances may share their fields set.
pub fn shares_fields_set(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let found = class.getattr(SLOTS[0])?;
    Ok(found.is_instance_of::<FieldsSet>())
}

/// Makes instances of `bson.ObjectId` without calling it.
pub struct ObjectIds {
    class: Py<PyType>,
    slot: Option<Slot>,
}

impl ObjectIds {
    /// Looks where the class keeps its bytes; falls back to calls if it is not
    /// where this PyMongo's has it.
    pub fn new(class: &Bound<'_, PyType>) -> Self {
        let slot = Slot::find(class, "_ObjectId__id").filter(|_| plain_new(class));
        let class = class.clone().unbind();
        Self { class, slot }
    }

    /// The bytes of an ObjectId; None for anything else, or where calls are needed.
    #[inline]
    pub fn bytes(&self, value: &Bound<'_, PyAny>) -> Option<[u8; 12]> {
        let slot = self.slot?;
        if !value.get_type().is(&self.class) {
            return None;
        }
        // SAFETY: the value is of the class the slot was found in, so the word is
        // an object or, in an instance that was never filled, null.
        let held = unsafe {
            let held = value
                .as_ptr()
                .cast::<u8>()
                .add(slot.0)
                .cast::<*mut ffi::PyObject>()
                .read();
            Bound::from_borrowed_ptr_or_opt(value.py(), held)?
        };
        held.cast::<PyBytes>().ok()?.as_bytes().try_into().ok()
    }

    /// One ObjectId.
    #[inline]
    pub fn make<'py>(&self, py: Python<'py>, id: &[u8; 12]) -> PyResult<Bound<'py, PyAny>> {
        let class = self.class.bind(py);
        let bytes = PyBytes::new(py, id).into_any();
        let Some(slot) = self.slot else {
            return class.call1((bytes,));
        };
        let instance = allocate(class)?;
        // SAFETY: the instance is new and of the class the slot was found in.
        unsafe { slot.fill(&instance, bytes) };
        untrack(&instance);
        Ok(instance)
    }
}

/// Whether `cls.__new__` is `object.__new__`.
fn plain_new(class: &Bound<'_, PyType>) -> bool {
    // SAFETY: both are type objects; `object`'s is a static of the interpreter.
    unsafe {
        let object = &raw const ffi::PyBaseObject_Type;
        (*class.as_type_ptr()).tp_new.map(|f| f as usize) == (*object).tp_new.map(|f| f as usize)
    }
}

/// An empty instance by the type's own allocation.
#[inline]
fn allocate<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    // SAFETY: a type made in Python always has tp_alloc; the result is a new
    // reference or null with an exception set.
    unsafe {
        let made = match (*class.as_type_ptr()).tp_alloc {
            Some(alloc) => alloc(class.as_type_ptr(), 0),
            None => return Err(PyRuntimeError::new_err("a type without tp_alloc")),
        };
        Bound::from_owned_ptr_or_err(py, made)
    }
}

/// Makes instances of one class as pydantic's own validation leaves them.
pub struct Maker {
    class: Py<PyType>,
    by_dict: bool,
    slots: Option<[Slot; 3]>,
    inline: Option<Inline>,
}

/// The attributes that pydantic keeps beside `__dict__`, in the order of [`Maker::make`].
const SLOTS: [&str; 3] = [
    "__pydantic_fields_set__",
    "__pydantic_extra__",
    "__pydantic_private__",
];

/// Beyond this many fields CPython's classes share no keys.
const MOST_SHARED: usize = 29;

impl Maker {
    /// Reads the class. `names` are the attributes that instances will have.
    pub fn new(class: &Bound<'_, PyType>, names: &[Py<PyString>]) -> PyResult<Self> {
        let found = SLOTS.map(|name| Slot::find(class, name));
        let slots = match found {
            [Some(a), Some(b), Some(c)] if plain_new(class) => Some([a, b, c]),
            _ => None,
        };
        // Setting attributes keeps values inside the instance on 3.11 and 3.12;
        // from 3.13 on a dict that shares them is quicker.
        let new_enough = class.py().version_info() >= (3, 13);
        let by_dict = new_enough || names.len() > MOST_SHARED || shadowed(class, names)?;
        let class = class.clone().unbind();
        let mut maker = Self {
            class,
            by_dict,
            slots,
            inline: None,
        };
        maker.prime(names)?;
        Ok(maker)
    }

    /// Makes instances, so that the class's shared keys get this order and room, and
    /// looks where they keep their values.
    fn prime(&mut self, names: &[Py<PyString>]) -> PyResult<()> {
        Python::attach(|py| {
            let none = || py.None().into_bound(py);
            let empty = PySet::empty(py)?.into_any();
            let marks = (0..names.len()).map(|_| PyDict::new(py).into_any());
            let marks: Vec<_> = marks.collect();
            let items = names
                .iter()
                .map(|name| name.bind(py))
                .zip(marks.iter().cloned());
            let made = self.make(py, items, [empty, none(), none()])?;
            if !self.by_dict && self.slots.is_some() {
                self.inline = Inline::find(&made, &marks);
            }
            Ok(())
        })
    }

    /// The class.
    pub fn class<'py>(&self, py: Python<'py>) -> &Bound<'py, PyType> {
        self.class.bind(py)
    }

    /// One instance with these attributes and what pydantic keeps beside them:
    /// fields set, extra, private.
    #[inline]
    pub fn make<'a, 'py: 'a>(
        &self,
        py: Python<'py>,
        items: impl Iterator<Item = (&'a Bound<'py, PyString>, Bound<'py, PyAny>)>,
        beside: [Bound<'py, PyAny>; 3],
    ) -> PyResult<Bound<'py, PyAny>> {
        let instance = self.empty(py)?;
        if let Some(inline) = &self.inline
            && let Some(place) = inline.place(&instance)
        {
            place.fill(items);
        } else if self.by_dict {
            let dict = own_dict(&instance)?;
            for (name, value) in items {
                dict.set_item(name, value)?;
            }
        } else {
            for (name, value) in items {
                set_attribute(&instance, name, &value)?;
            }
        }
        match self.slots {
            Some(slots) => {
                for (slot, value) in slots.into_iter().zip(beside) {
                    // SAFETY: the instance is new and of the class whose slots
                    // these are; each is filled once.
                    unsafe { slot.fill(&instance, value) };
                }
            }
            None => {
                for (name, value) in SLOTS.into_iter().zip(beside) {
                    set_attribute(&instance, &PyString::intern(py, name), &value)?;
                }
            }
        }
        Ok(instance)
    }

    /// Sets an attribute of an instance of this class, as its `__dict__` would.
    pub fn put<'py>(
        &self,
        instance: &Bound<'py, PyAny>,
        name: &Bound<'py, PyString>,
        value: &Bound<'py, PyAny>,
    ) -> PyResult<()> {
        match self.by_dict {
            true => own_dict(instance)?.set_item(name, value),
            false => set_attribute(instance, name, value),
        }
    }

    /// Adds `name` to what an instance of this class says was set in it.
    ///
    /// `last` is what it was for the instance before, and what it became: instances that
    /// share a set go on sharing one.
    pub fn add_set<'py>(
        &self,
        instance: &Bound<'py, PyAny>,
        name: &Bound<'py, PyString>,
        last: &mut Option<[Bound<'py, PyAny>; 2]>,
    ) -> PyResult<()> {
        let py = instance.py();
        let class = self.class.bind(py);
        let held = match self.slots {
            Some([slot, ..]) => slot.get(class, instance).map(|held| (slot, held)),
            None => None,
        };
        let Some((slot, held)) = held else {
            let held = instance.getattr(PyString::intern(py, SLOTS[0]))?;
            return held
                .call_method1(pyo3::intern!(py, "add"), (name,))
                .map(drop);
        };
        if let Ok(own) = held.cast_exact::<PySet>() {
            return own.add(name);
        }
        let made = match last {
            Some([old, new]) if old.is(&held) => new.clone(),
            _ => {
                let more = PySet::new(py, [name])?;
                let made = held.call_method1(pyo3::intern!(py, "union"), (more,))?;
                *last = Some([held, made.clone()]);
                made
            }
        };
        slot.put(class, instance, made);
        Ok(())
    }

    #[inline]
    fn empty<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let class = self.class.bind(py);
        if self.slots.is_none() {
            return class.call_method1("__new__", (class,));
        }
        let arguments = PyTuple::empty(py);
        // SAFETY: with slots found, tp_new is `object.__new__`, which takes a
        // class and an empty tuple and gives a new reference or null.
        unsafe {
            let new = ffi::PyBaseObject_Type.tp_new;
            let made = match new {
                Some(new) => new(
                    class.as_type_ptr(),
                    arguments.as_ptr(),
                    std::ptr::null_mut(),
                ),
                None => return Err(PyRuntimeError::new_err("object has no __new__")),
            };
            Bound::from_owned_ptr_or_err(py, made)
        }
    }
}

/// Where instances of one class keep the values of their attributes.
///
/// CPython 3.11 and 3.12 keep them in an array beside the object, whose address stands
/// in front of it; in front of the array, backwards from it: the size of that prefix,
/// how many values there are, and which came first, second and so on (`PyDictValues` in
/// `Objects/dictobject.c`; both versions get security fixes only, so this stays). It is
/// still not believed but looked at: all must be there, as set, in an instance that
/// was filled by way of attributes, or this is not used.
struct Inline {
    /// Words from the object to the array's address.
    word: isize,
    /// What the address has to be increased by.
    tag: usize,
    /// The values' places, in order of their fields.
    places: Box<[u8]>,
}

impl Inline {
    fn find(filled: &Bound<'_, PyAny>, marks: &[Bound<'_, PyAny>]) -> Option<Self> {
        let py = filled.py();
        let (word, tag) = match (py.version_info().major, py.version_info().minor) {
            (3, 11) => (-4, 0),
            (3, 12) => (-3, 1),
            _ => return None,
        };
        let debug = py.import("sys").ok()?.hasattr("gettotalrefcount").ok()?;
        // SAFETY: a live object's type.
        let flags = unsafe { (*filled.get_type().as_type_ptr()).tp_flags };
        const MANAGED_DICT: u64 = 1 << 4;
        if debug || flags & MANAGED_DICT == 0 || marks.is_empty() {
            return None;
        }
        let empty = Self {
            word,
            tag,
            places: Box::default(),
        };
        let values = empty.array(filled)?;
        // SAFETY: objects of such a type have four words in front of them, and the
        // array has as many bytes in front as the first of these says.
        let (prefix, used) = unsafe { (*values.sub(1), *values.sub(2)) };
        if usize::from(used) != marks.len() || usize::from(prefix) < marks.len() + 2 {
            return None;
        }
        // SAFETY: just asked.
        let order = (0..marks.len()).map(|at| unsafe { *values.sub(3 + at) });
        let places: Box<[u8]> = order.collect();
        let right = places.iter().zip(marks).all(|(place, mark)| {
            // SAFETY: a place in the order is one of a value.
            let held = unsafe {
                values
                    .cast::<*mut ffi::PyObject>()
                    .add(usize::from(*place))
                    .read()
            };
            held == mark.as_ptr()
        });
        right.then_some(Self { word, tag, places })
    }

    /// The array of an instance; None when it has none.
    #[inline]
    fn array(&self, instance: &Bound<'_, PyAny>) -> Option<*mut u8> {
        // SAFETY: by `find`, instances of this class have these words in front; the one
        // for the array is null, or tagged, when there is none.
        let held = unsafe { instance.as_ptr().cast::<usize>().offset(self.word).read() };
        let none = held == 0 || held & 1 != self.tag;
        (!none).then(|| (held + self.tag) as *mut u8)
    }

    /// Where the values of a new instance go; None when there isn't room.
    #[inline]
    fn place(&self, instance: &Bound<'_, PyAny>) -> Option<Place<'_>> {
        let values = self.array(instance)?;
        // SAFETY: see `find`.
        let (prefix, used) = unsafe { (*values.sub(1), *values.sub(2)) };
        let room = usize::from(prefix) >= self.places.len() + 2;
        (used == 0 && room).then_some(Place {
            values,
            places: &self.places,
        })
    }
}

/// The empty array of values of a new instance.
struct Place<'a> {
    values: *mut u8,
    places: &'a [u8],
}

impl Place<'_> {
    /// Hands the values over, in order of their fields.
    #[inline]
    fn fill<'a, 'py: 'a>(
        self,
        items: impl Iterator<Item = (&'a Bound<'py, PyString>, Bound<'py, PyAny>)>,
    ) {
        let mut used = 0u8;
        for ((_, value), place) in items.zip(self.places) {
            // SAFETY: the instance is new, so its values are null; the class's shared
            // keys have had all of these places since it was primed, and keep
            // them, so that the array of each instance has room for them.
            unsafe {
                let at = self
                    .values
                    .cast::<*mut ffi::PyObject>()
                    .add(usize::from(*place));
                at.write(value.into_ptr());
                *self.values.sub(3 + usize::from(used)) = *place;
            }
            used += 1;
        }
        // SAFETY: see above.
        unsafe { *self.values.sub(2) = used }
    }
}

/// Whether some attribute is a data descriptor of the class, which setting would call.
fn shadowed(class: &Bound<'_, PyType>, names: &[Py<PyString>]) -> PyResult<bool> {
    let py = class.py();
    for base in class.mro().iter() {
        let dict = base.getattr("__dict__")?;
        for name in names {
            if dict.contains(name.bind(py))? && dict.get_item(name.bind(py))?.hasattr("__set__")? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// `object.__setattr__(instance, name, value)`.
#[inline]
pub fn set_attribute<'py>(
    instance: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
    value: &Bound<'py, PyAny>,
) -> PyResult<()> {
    // SAFETY: three live objects; the function takes its own references.
    let outcome =
        unsafe { ffi::PyObject_GenericSetAttr(instance.as_ptr(), name.as_ptr(), value.as_ptr()) };
    match outcome {
        0 => Ok(()),
        _ => Err(PyErr::fetch(instance.py())),
    }
}

/// `object.__getattribute__(instance, name)`; None when there is no such attribute.
#[inline]
pub fn attribute<'py>(
    instance: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = instance.py();
    // SAFETY: two live objects; the result is a new reference or null.
    let found = unsafe {
        let found = ffi::PyObject_GenericGetAttr(instance.as_ptr(), name.as_ptr());
        Bound::from_owned_ptr_or_opt(py, found)
    };
    match found {
        Some(found) => Ok(Some(found)),
        None => {
            let error = PyErr::fetch(py);
            match error.is_instance_of::<PyAttributeError>(py) {
                true => Ok(None),
                false => Err(error),
            }
        }
    }
}

/// The instance's `__dict__`, made if it is not there yet.
fn own_dict<'py>(instance: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    // SAFETY: the instance is alive; the result is a new reference or null.
    let dict = unsafe {
        let dict = ffi::PyObject_GenericGetDict(instance.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(instance.py(), dict)?
    };
    Ok(dict.cast_into::<PyDict>()?)
}

/// Walks a dict and holds what it gives; stops with an error if the dict changes.
pub struct DictWalk<'a, 'py> {
    dict: &'a Bound<'py, PyDict>,
    position: ffi::Py_ssize_t,
    size: usize,
}

impl<'a, 'py> DictWalk<'a, 'py> {
    /// Starts at the first item.
    pub fn new(dict: &'a Bound<'py, PyDict>) -> Self {
        let size = dict.len();
        let position = 0;
        Self {
            dict,
            position,
            size,
        }
    }

    /// The next item; an error if something was added or removed meanwhile.
    #[inline]
    #[allow(clippy::type_complexity)]
    pub fn next(&mut self) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        if self.dict.len() != self.size {
            return Err(PyRuntimeError::new_err(
                "dictionary changed size during iteration",
            ));
        }
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        let py = self.dict.py();
        // SAFETY: the dict is alive; PyDict_Next checks its position against the
        // dict of the moment; what it lends is made our own before anything runs.
        unsafe {
            let dict = self.dict.as_ptr();
            if ffi::PyDict_Next(dict, &raw mut self.position, &raw mut key, &raw mut value) == 0 {
                return Ok(None);
            }
            let key = Bound::from_borrowed_ptr(py, key);
            Ok(Some((key, Bound::from_borrowed_ptr(py, value))))
        }
    }
}
