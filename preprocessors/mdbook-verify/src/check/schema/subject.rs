//! Texts that are data, and what each claims to be.

use crate::attrs::Spanned;
use crate::blocks::Block;
use crate::check::rust::is_manifest;
use crate::check::{Context, place, whole};
use crate::config::Schema;
use crate::evidence;
use crate::finding::{Code, Finding, Place};
use crate::matter::Matter;
use crate::plan::Op;
use crate::role::Role;
use crate::segments::Stitched;
use crate::workspace::{FileKey, Stitch};

use super::At;
use super::places::Places;

/// A text.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Text<'a> {
    /// The base that it belongs to.
    pub(in crate::check) base: &'a str,
    /// Its path there; empty for a block that is no file.
    pub(in crate::check) path: &'a str,
    /// What it is written in.
    pub(in crate::check) matter: Matter,
    /// The text itself.
    pub(in crate::check) content: &'a str,
}

/// What a text is held against.
#[derive(Clone, Debug)]
pub(in crate::check) enum Claim<'a> {
    /// A schema of book.toml.
    Schema {
        /// Its name.
        name: &'a str,
        /// What it wants.
        schema: &'a Schema,
    },
    /// A name that is none of a schema: perhaps a message.
    Other(&'a Spanned<String>),
}

/// A text of the guide with what it claims.
pub(super) struct Subject<'a> {
    pub(super) text: Text<'a>,
    pub(super) claims: Vec<Claim<'a>>,
    /// The blocks that it proves.
    pub(super) hands: Vec<usize>,
    origin: Origin<'a>,
}

enum Origin<'a> {
    Block(&'a Block),
    File(FileKey, &'a Stitched),
}

impl Subject<'_> {
    /// The place in the guide, or in upstream, of a problem.
    pub(super) fn place(&self, context: &Context<'_>, places: &Places, at: &At) -> Place {
        let range = places.range(at);
        match (&self.origin, range) {
            (Origin::Block(block), Some(range)) => {
                Place::Chapter(block.content.span(range.start, range.end))
            }
            (Origin::Block(block), None) => Place::Chapter(match &block.claims {
                Some(claim) => claim.span,
                None => block.info,
            }),
            (Origin::File(key, file), Some(range)) => {
                place(context, key, file, range.start, range.end)
            }
            // The last edit left it so.
            (Origin::File(..), None) => match self.hands.last() {
                Some(block) => Place::Chapter(whole(context, *block)),
                None => Place::Config,
            },
        }
    }
}

/// The schemas that are for the edition.
pub(super) fn serving<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (&'a str, &'a Schema)> + use<'a> {
    let edition = context.edition;
    let schemas = context.config.schema.iter();
    schemas
        .filter(|(_, schema)| schema.serves(edition))
        .map(|(name, schema)| (name.as_str(), schema))
}

/// All texts that are data or claim to be something.
pub(super) fn all<'a>(context: &Context<'a>, stitch: &'a Stitch) -> Vec<Subject<'a>> {
    let blocks = context.blocks.iter().enumerate();
    let mut subjects: Vec<_> = blocks
        .filter(|(_, block)| block.serves(&context.edition.name) && block.fails.is_none())
        .filter_map(|(index, block)| of_block(context, index, block))
        .collect();
    let files = stitch.files.iter();
    subjects.extend(files.filter_map(|(key, file)| of_file(context, stitch, key, file)));
    subjects
}

fn of_block<'a>(context: &Context<'a>, index: usize, block: &'a Block) -> Option<Subject<'a>> {
    let matter = evidence::matter(block);
    let wanted = match block.role {
        Role::Plain => matter.is_data() || block.claims.is_some(),
        Role::Output { .. } => block.claims.is_some(),
        _ => false,
    };
    (wanted && may_claim(block)).then(|| Subject {
        text: text_of(context, block),
        claims: claims_of_block(context, block),
        hands: vec![index],
        origin: Origin::Block(block),
    })
}

/// The text of a block that belongs to no file.
pub(in crate::check) fn text_of<'a>(context: &Context<'a>, block: &'a Block) -> Text<'a> {
    let base = match &block.base {
        Some(base) => &base.value,
        None => context.edition.default_base(),
    };
    Text {
        base,
        path: "",
        matter: evidence::matter(block),
        content: &block.content.text,
    }
}

/// What a block that belongs to no file claims.
pub(in crate::check) fn claims_of_block<'a>(
    context: &Context<'a>,
    block: &'a Block,
) -> Vec<Claim<'a>> {
    let claims = block.claims.iter();
    claims.map(|name| claim(context, name)).collect()
}

fn of_file<'a>(
    context: &Context<'a>,
    stitch: &'a Stitch,
    key: &'a FileKey,
    file: &'a Stitched,
) -> Option<Subject<'a>> {
    let lasting = |op: &&Op| {
        (&op.base, &op.path) == (&key.base, &key.path)
            && op.fails.is_none()
            && stitch.applied.contains(&op.block)
            && context.blocks[op.block].role.edit().is_some()
    };
    let ops = context.plan.ops.iter().filter(lasting);
    let hands: Vec<_> = ops.map(|op| op.block).collect();
    let matter = Matter::of_path(&key.path);
    let claims = claims_of_file(context, key, &hands);
    // Cargo knows what its manifests may say.
    let needs_schema = matter.is_data() && !is_manifest(key);
    (!hands.is_empty() && (needs_schema || !claims.is_empty())).then(|| Subject {
        text: Text {
            base: &key.base,
            path: &key.path,
            matter,
            content: file.text(),
        },
        claims,
        hands,
        origin: Origin::File(key.clone(), file),
    })
}

/// What a file must be: by book.toml, and by the blocks that make it.
pub(in crate::check) fn claims_of_file<'a>(
    context: &Context<'a>,
    key: &FileKey,
    blocks: &[usize],
) -> Vec<Claim<'a>> {
    let of_book = serving(context).filter(|(_, schema)| {
        schema.base(context.edition) == key.base && schema.applies_to(&key.path)
    });
    let mut claims: Vec<_> = of_book
        .map(|(name, schema)| Claim::Schema { name, schema })
        .collect();
    for block in blocks.iter().map(|block| &context.blocks[*block]) {
        for claim in block.claims.iter().filter(|_| may_claim(block)) {
            let claim = self::claim(context, claim);
            if !claims.iter().any(|other| other.name() == claim.name()) {
                claims.push(claim);
            }
        }
    }
    claims
}

impl Claim<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Schema { name, .. } => name,
            Self::Other(name) => &name.value,
        }
    }
}

fn claim<'a>(context: &Context<'a>, name: &'a Spanned<String>) -> Claim<'a> {
    let schema = serving(context).find(|(known, _)| *known == name.value);
    match schema {
        Some((name, schema)) => Claim::Schema { name, schema },
        None => Claim::Other(name),
    }
}

/// Whether a block is one that a schema can judge.
fn may_claim(block: &Block) -> bool {
    let matter = evidence::matter(block);
    let role = matches!(
        block.role,
        Role::Create(_) | Role::Append(_) | Role::Patch(_) | Role::Plain | Role::Output { .. }
    );
    role && (matter.is_data() || matter == Matter::Other)
}

/// Claims of blocks that no schema can judge.
pub(super) fn misplaced(context: &Context<'_>) -> Vec<Finding> {
    let blocks = context.blocks.iter();
    let serving = blocks.filter(|block| block.serves(&context.edition.name) && !may_claim(block));
    let finding = |block: &Block| {
        let span = block.claims.as_ref()?.span;
        let message = match evidence::matter(block) {
            matter if matter.is_data() || matter == Matter::Other => {
                format!("as= does not go with a block that is {}", block.role.name())
            }
            _ => format!("as= is for data, and {} is none", block.language.value),
        };
        let finding = Finding::at(Code::CLAIM_MISPLACED, span, message);
        Some(finding.for_edition(&context.edition.name))
    };
    serving.filter_map(finding).collect()
}
