package import Untrusted

/// What an item of experimentation says of itself, but its id.
package struct ExperimentationItem: FieldObject {
    package enum Category: String, CaseIterable, FieldValue {
        case experiment, flag
    }

    package var slug: UntrustedText
    /// Where the partner shows it.
    package var origin: UntrustedText
    package var category: Category?
    package var name: UntrustedText?
    package var description: UntrustedText?
    package var isArchived: Bool?
    /// The reference says `number` and no unit.
    package var createdAt: Quantity?
    package var updatedAt: Quantity?

    /// The reference's limits.
    func check(at path: String) throws(FieldError) {
        try UntrustedText.checkLength(slug, 1024, at: "\(path)slug")
        try UntrustedText.checkLength(origin, 2048, at: "\(path)origin")
        try UntrustedText.checkLength(name, 1024, at: "\(path)name")
        try UntrustedText.checkLength(description, 1024, at: "\(path)description")
    }
}

extension ExperimentationItem {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        slug = try fields.required("slug")
        origin = try fields.required("origin")
        category = try fields.optional("category")
        name = try fields.optional("name")
        description = try fields.optional("description")
        isArchived = try fields.optional("isArchived")
        createdAt = try fields.optional("createdAt")
        updatedAt = try fields.optional("updatedAt")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("slug", slug)
        fields.put("origin", origin)
        fields.put("category", category)
        fields.put("name", name)
        fields.put("description", description)
        fields.put("isArchived", isArchived)
        fields.put("createdAt", createdAt)
        fields.put("updatedAt", updatedAt)
    }
}

extension UntrustedText {
    /// In characters, counted as Unicode scalars.
    static func checkLength(_ text: UntrustedText?, _ longest: Int, at path: String) throws(FieldError) {
        guard let text, text.string.unicodeScalars.count > longest else { return }
        throw FieldError(path, .rule("must not be longer than \(longest) characters"))
    }
}
