//! The interfaces of older services, for those who used them: a folder for each.

pub(crate) mod flask;
