//! The built book, driven in a real browser.

mod page;
