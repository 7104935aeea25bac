//! A method that is not there is answered with its name, in grpc-go's words.
//!
//! The generated code says no more than the code, and asks for an operation ID first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use http::uri::PathAndQuery;
use prost::{DecodeError, Message};
use prost_types::FileDescriptorSet;
use tonic::Status;

use super::middleware::{CallService, Middleware, Request, Response, ask};

/// The services that are served, and their methods.
#[derive(Clone, Debug)]
pub struct KnownMethods {
    services: Arc<HashMap<String, HashSet<String>>>,
}

impl KnownMethods {
    /// Those that encoded descriptors describe.
    ///
    /// # Errors
    ///
    /// When one of them is no set of descriptors.
    pub fn of_descriptors(sets: &[&[u8]]) -> Result<Self, DecodeError> {
        let mut services: HashMap<String, HashSet<String>> = HashMap::new();
        for set in sets {
            for file in FileDescriptorSet::decode(*set)?.file {
                for service in &file.service {
                    let name = format!("{}.{}", file.package(), service.name());
                    let methods = service.method.iter().map(|method| method.name().to_owned());
                    services.entry(name).or_default().extend(methods);
                }
            }
        }
        Ok(Self {
            services: Arc::new(services),
        })
    }

    /// Why a path leads nowhere, or nothing if it does lead somewhere.
    fn objection(&self, path: &str) -> Option<String> {
        let name = path.strip_prefix('/').unwrap_or(path);
        let Some((service, method)) = name.rsplit_once('/') else {
            return Some(format!("malformed method name: {path:?}"));
        };
        match self.services.get(service) {
            None => Some(format!("unknown service {service}")),
            Some(methods) if !methods.contains(method) => {
                Some(format!("unknown method {method} for service {service}"))
            }
            Some(_) => None,
        }
    }
}

/// The middleware.
#[derive(Clone, Debug)]
pub struct UnknownMethod {
    methods: KnownMethods,
}

impl UnknownMethod {
    /// One that lets calls of these methods pass.
    #[must_use]
    pub fn new(methods: KnownMethods) -> Self {
        Self { methods }
    }
}

impl Middleware for UnknownMethod {
    async fn call(self, request: Request, inner: impl CallService) -> Response {
        // As grpc-go has it, all that was asked for is the name, a question mark and what follows too.
        let path = request.uri().path_and_query();
        let objection = self
            .methods
            .objection(path.map_or("", PathAndQuery::as_str));
        match objection {
            Some(message) => Status::unimplemented(message).into_http(),
            None => ask(inner, request).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::DESCRIPTORS;

    #[test]
    fn names_what_is_not_there() -> Result<(), DecodeError> {
        let methods = KnownMethods::of_descriptors(&[DESCRIPTORS])?;
        let objection = |path| methods.objection(path).unwrap_or_default();
        assert_eq!(objection("/openim.authservice.AuthService/Echo"), "");
        assert_eq!(
            objection("/openim.authservice.AuthService/Nope"),
            "unknown method Nope for service openim.authservice.AuthService"
        );
        assert_eq!(
            objection("/openim.Nope/Echo"),
            "unknown service openim.Nope"
        );
        assert_eq!(
            objection("/openim.authservice.AuthService/Echo?x=1"),
            "unknown method Echo?x=1 for service openim.authservice.AuthService"
        );
        assert_eq!(objection("/Echo"), "malformed method name: \"/Echo\"");
        assert_eq!(objection("/"), "malformed method name: \"/\"");
        assert_eq!(objection("//"), "unknown service ");
        Ok(())
    }
}
