/// The `login` section.
package struct LoginSettings: Sendable, Equatable {
    package var confirm: ConfirmLogin
    package var whenStoreUnavailable: WhenStoreUnavailable

    package init(
        confirm: ConfirmLogin = .whenSwitching, whenStoreUnavailable: WhenStoreUnavailable = .refuse
    ) {
        self.confirm = confirm
        self.whenStoreUnavailable = whenStoreUnavailable
    }

    /// When a login needs the person's confirmation.
    package enum ConfirmLogin: String, Sendable, CaseIterable {
        /// Only when another member is signed in on this browser.
        case whenSwitching = "switch"
        case always
    }

    /// What happens to logins while the store does not answer.
    package enum WhenStoreUnavailable: String, Sendable, CaseIterable {
        case refuse
        /// Codes are entered in this process's memory. Another gateway may then send a code to the marketplace once more,
        /// which refuses it; a removal that is stored but was not yet read here does not stop a login.
        case `continue`
    }
}
