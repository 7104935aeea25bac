//! The calls of etcd that registering takes, each with a limit, and what went wrong in a sentence.

use std::fmt;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};

use crate::config::{Credentials, Etcd};
use crate::etcdserverpb::auth_client::AuthClient;
use crate::etcdserverpb::kv_client::KvClient;
use crate::etcdserverpb::lease_client::LeaseClient;
use crate::etcdserverpb::{
    AuthenticateRequest, DeleteRangeRequest, LeaseGrantRequest, LeaseKeepAliveRequest,
    LeaseKeepAliveResponse, LeaseRevokeRequest, PutRequest,
};

/// Why etcd did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing answers there.
    Unreachable { addresses: String, why: String },
    /// It did answer, and is gone.
    Broken { address: String },
    /// It took too long.
    Slow {
        doing: &'static str,
        limit: Duration,
    },
    /// It does not know the name and the password.
    Credentials { username: String },
    /// It asks for a name and a password, and there are none, or they are not enough.
    NotAllowed { doing: &'static str },
    /// The lease has ended.
    LeaseLost,
    /// All the rest.
    Other { doing: &'static str, status: Status },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { addresses, why } => {
                write!(f, "etcd does not answer at {addresses}: {why}")
            }
            Self::Broken { address } => write!(f, "the connection to etcd at {address} broke"),
            Self::Slow { doing, limit } => {
                write!(f, "etcd took longer than {limit:?} to {doing}")
            }
            Self::Credentials { username } => {
                write!(
                    f,
                    "etcd refused the name {username:?} or its password; see etcd.username and etcd.password in discovery.yml"
                )
            }
            Self::NotAllowed { doing } => {
                write!(
                    f,
                    "etcd does not allow this service to {doing}; see etcd.username and etcd.password in discovery.yml"
                )
            }
            Self::LeaseLost => f.write_str("the lease in etcd has ended"),
            Self::Other { doing, status } => {
                write!(f, "etcd failed to {doing}: {}", status.message())
            }
        }
    }
}

/// A lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeaseId(i64);

/// The members of etcd, of which one is asked until it fails.
pub(super) struct Members {
    etcd: Etcd,
    limit: Duration,
    /// How often one has failed, which says whose turn it is.
    failures: usize,
}

impl Members {
    /// The members that the configuration names. Each call may take as long as `limit`.
    pub(super) fn new(etcd: Etcd, limit: Duration) -> Self {
        Self {
            etcd,
            limit,
            failures: 0,
        }
    }

    /// Connects to the member whose turn it is, or else to the first after it that answers.
    pub(super) async fn connect(&self) -> Result<Client, Failure> {
        let Etcd {
            addresses,
            credentials,
            ..
        } = &self.etcd;
        let mut why = "there is no address".to_owned();
        let turn = self.failures.checked_rem(addresses.len()).unwrap_or(0);
        for address in addresses.iter().cycle().skip(turn).take(addresses.len()) {
            match connect(address, self.limit).await {
                Ok(channel) => {
                    let calls = Calls {
                        address: address.clone(),
                        limit: self.limit,
                    };
                    return Client::log_in(channel, credentials.as_ref(), calls).await;
                }
                Err(reason) => why = reason,
            }
        }
        Err(Failure::Unreachable {
            addresses: addresses.join(", "),
            why,
        })
    }

    /// The next time it is another one's turn: a member may take connections and do nothing.
    pub(super) fn pass_over(&mut self) {
        self.failures = self.failures.wrapping_add(1);
    }
}

/// Calls of a member of etcd.
#[derive(Clone)]
struct Calls {
    address: String,
    /// How long each may take.
    limit: Duration,
}

impl Calls {
    async fn within<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Failure> {
        let limit = self.limit;
        let status = match timeout(limit, call).await {
            Ok(Ok(answer)) => return Ok(answer.into_inner()),
            Ok(Err(status)) => status,
            Err(_) => return Err(Failure::Slow { doing, limit }),
        };
        // What etcd itself says comes from nothing else.
        if std::error::Error::source(&status).is_some() {
            let address = self.address.clone();
            return Err(Failure::Broken { address });
        }
        // etcd has a code of its own for none of these.
        Err(match status.code() {
            Code::NotFound if says(&status, "lease not found") => Failure::LeaseLost,
            Code::PermissionDenied | Code::Unauthenticated => Failure::NotAllowed { doing },
            Code::InvalidArgument if says(&status, "user name is empty") => {
                Failure::NotAllowed { doing }
            }
            _ => Failure::Other { doing, status },
        })
    }
}

/// A connection to a member of etcd.
pub(super) struct Client {
    channel: Channel,
    token: Option<AsciiMetadataValue>,
    calls: Calls,
}

impl Client {
    async fn log_in(
        channel: Channel,
        credentials: Option<&Credentials>,
        calls: Calls,
    ) -> Result<Self, Failure> {
        let mut client = Self {
            channel,
            token: None,
            calls,
        };
        let Some(Credentials { username, password }) = credentials else {
            return Ok(client);
        };
        let request = AuthenticateRequest {
            name: username.clone(),
            password: password.clone(),
        };
        let mut auth = AuthClient::new(client.channel.clone());
        let call = auth.authenticate(request);
        let answer = client.calls.within("log in", call).await;
        let token = match answer {
            Ok(answer) => answer.token,
            Err(Failure::Other { status, .. })
                if says(&status, "authentication is not enabled") =>
            {
                return Ok(client);
            }
            Err(Failure::Other { status, .. }) if status.code() == Code::InvalidArgument => {
                let username = username.clone();
                return Err(Failure::Credentials { username });
            }
            Err(failure) => return Err(failure),
        };
        client.token = token.parse().ok();
        Ok(client)
    }

    /// Begins a lease.
    pub(super) async fn grant(&self, length: Duration) -> Result<LeaseId, Failure> {
        let seconds = i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
        let request = self.request(LeaseGrantRequest { ttl: seconds });
        let mut lease = LeaseClient::new(self.channel.clone());
        let answer = self
            .calls
            .within("grant a lease", lease.lease_grant(request))
            .await?;
        Ok(LeaseId(answer.id))
    }

    /// Stores a value that goes with a lease.
    pub(super) async fn put(&self, key: &str, value: &str, lease: LeaseId) -> Result<(), Failure> {
        let request = self.request(PutRequest {
            key: key.as_bytes().to_vec(),
            value: value.as_bytes().to_vec(),
            lease: lease.0,
        });
        let mut kv = KvClient::new(self.channel.clone());
        self.calls.within("store the key", kv.put(request)).await?;
        Ok(())
    }

    /// Removes a key.
    pub(super) async fn delete(&self, key: &str) -> Result<(), Failure> {
        let request = self.request(DeleteRangeRequest {
            key: key.as_bytes().to_vec(),
        });
        let mut kv = KvClient::new(self.channel.clone());
        self.calls
            .within("remove the key", kv.delete_range(request))
            .await?;
        Ok(())
    }

    /// Ends a lease.
    pub(super) async fn revoke(&self, lease: LeaseId) -> Result<(), Failure> {
        let request = self.request(LeaseRevokeRequest { id: lease.0 });
        let mut client = LeaseClient::new(self.channel.clone());
        self.calls
            .within("end the lease", client.lease_revoke(request))
            .await?;
        Ok(())
    }

    /// Begins to give signs of life for a lease.
    pub(super) async fn keep_alive(&self, lease: LeaseId) -> Result<SignsOfLife, Failure> {
        let (sender, receiver) = mpsc::channel(1);
        // etcd answers the call with its first message, for which it needs ours.
        let _ = sender.try_send(LeaseKeepAliveRequest { id: lease.0 });
        let request = self.request(ReceiverStream::new(receiver));
        let mut client = LeaseClient::new(self.channel.clone());
        let call = client.lease_keep_alive(request);
        let answers = self.calls.within("keep the lease alive", call).await?;
        let mut signs = SignsOfLife {
            lease,
            sender,
            answers,
            calls: self.calls.clone(),
        };
        signs.confirmed().await?;
        Ok(signs)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("token", token.clone());
        }
        request
    }
}

/// A lease that is kept alive.
pub(super) struct SignsOfLife {
    lease: LeaseId,
    sender: mpsc::Sender<LeaseKeepAliveRequest>,
    answers: Streaming<LeaseKeepAliveResponse>,
    calls: Calls,
}

impl SignsOfLife {
    /// Gives one, and awaits that etcd confirms it.
    pub(super) async fn give(&mut self) -> Result<(), Failure> {
        let request = LeaseKeepAliveRequest { id: self.lease.0 };
        // It is closed when etcd has ended the stream, which the answer tells.
        let _ = self.sender.try_send(request);
        self.confirmed().await
    }

    async fn confirmed(&mut self) -> Result<(), Failure> {
        let answer = async { self.answers.message().await.map(Response::new) };
        match self.calls.within("keep the lease alive", answer).await? {
            Some(answer) if answer.ttl > 0 => Ok(()),
            Some(_) => Err(Failure::LeaseLost),
            None => Err(Failure::Other {
                doing: "keep the lease alive",
                status: Status::unavailable("it ended the stream"),
            }),
        }
    }
}

async fn connect(address: &str, limit: Duration) -> Result<Channel, String> {
    let uri = if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let endpoint = Endpoint::from_shared(uri).map_err(|error| error.to_string())?;
    let endpoint = endpoint.connect_timeout(limit);
    match timeout(limit, endpoint.connect()).await {
        Ok(channel) => channel.map_err(|error| innermost(&error)),
        Err(_) => Err(format!("no connection within {limit:?}")),
    }
}

/// What an error comes from: the outer ones only say that something failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn says(status: &Status, text: &str) -> bool {
    status.message().contains(text)
}
