//! Nothing. Cargo wants a target for a package.
