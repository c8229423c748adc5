package import Untrusted

/// A notice that the marketplace shows to the customer, at an installation or at a resource.
package struct CustomerNotice: FieldObject {
    package enum Level: String, CaseIterable, FieldValue {
        case info, warn, error
    }

    package var level: OpenWord<Level>
    package var title: UntrustedText
    package var message: UntrustedText?
    /// May be an `sso:` link.
    package var href: UntrustedText?
}

extension CustomerNotice {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        if fields.place.isOpen {
            level = try fields.required("level")
        } else {
            level = .known(try fields.required("level"))
        }
        title = try fields.required("title")
        message = try fields.optional("message")
        href = try fields.optional("href")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("level", level)
        fields.put("title", title)
        fields.put("message", message)
        fields.put("href", href)
    }

    func check(at path: String, _ rules: LocalRules) throws(FieldError) {
        guard let longest = rules.longestTitle, title.string.unicodeScalars.count > longest else { return }
        throw FieldError("\(path).title", .rule("must not be longer than \(longest) characters"))
    }
}

extension Nullable<CustomerNotice> {
    func check(at path: String, _ rules: LocalRules) throws(FieldError) {
        if case .value(let notification) = self { try notification.check(at: path, rules) }
    }
}
