//! Schemas that cannot be derived, since what they describe is written or read by hand.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Object, RefOr, Schema, SchemaFormat,
        schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, SchemaType, Type},
    },
};

use super::{
    request_log::LogPage,
    settings::NewValues,
    view::{Moment, When},
};

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build().into()
    }
}

impl ToSchema for Moment {}

impl PartialSchema for When {
    fn schema() -> RefOr<Schema> {
        Moment::schema()
    }
}

impl ToSchema for When {}

impl PartialSchema for NewValues {
    fn schema() -> RefOr<Schema> {
        let kinds = [Type::String, Type::Number, Type::Boolean, Type::Null];
        let value = ObjectBuilder::new().schema_type(SchemaType::from_iter(kinds));
        ObjectBuilder::new().additional_properties(Some(Schema::from(value))).into()
    }
}

impl ToSchema for NewValues {}

/// What the log is answered with: a page or, where a format is named, a file with all of it.
pub(super) enum Log {}

impl PartialSchema for Log {
    fn schema() -> RefOr<Schema> {
        let file = ArrayBuilder::new().items(Ref::from_schema_name("LoggedRequest"));
        let page = Ref::from_schema_name(LogPage::name());
        Schema::from(OneOfBuilder::new().item(page).item(file).build()).into()
    }
}

impl ToSchema for Log {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((LogPage::name().into_owned(), LogPage::schema()));
        LogPage::schemas(schemas);
    }
}

/// A text, or a list of texts and objects.
pub(super) fn text_or_list() -> Schema {
    let one = OneOfBuilder::new().item(String::schema()).item(Object::new()).build();
    let list = ArrayBuilder::new().items(RefOr::T(Schema::from(one))).build();
    OneOfBuilder::new().item(String::schema()).item(list).build().into()
}
