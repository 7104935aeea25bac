//! The contract's methods. Each translates, and leaves the decision to the domain.

use tonic::{Request, Response, Status};

use crate::contract::auth_service_server::AuthService;
use crate::contract::{EchoReq, EchoResp, GetConfigReq, GetConfigResp};
use crate::domain::{self, Message};

/// The contract, implemented by the domain.
#[derive(Clone, Debug, Default)]
pub struct Handlers {
    service: domain::AuthService,
}

impl Handlers {
    /// Handlers that ask this service.
    #[must_use]
    pub fn new(service: domain::AuthService) -> Self {
        Self { service }
    }
}

#[tonic::async_trait]
impl AuthService for Handlers {
    // ANCHOR: echo
    async fn echo(&self, request: Request<EchoReq>) -> Result<Response<EchoResp>, Status> {
        let message = Message::try_from(request.into_inner().message)?;
        let message = self.service.echo(message).into();
        Ok(Response::new(EchoResp { message }))
    }
    // ANCHOR_END: echo

    async fn get_config(
        &self,
        request: Request<GetConfigReq>,
    ) -> Result<Response<GetConfigResp>, Status> {
        let key = request.into_inner().key;
        let value = self.service.config(&key).into();
        Ok(Response::new(GetConfigResp { value }))
    }
}
