# frozen_string_literal: true

require "json"
require "net/http"
require "openssl"

# The gateway's public keys by id. They are fetched when they are `keep` seconds old and for an unknown id, but not again
# within `pause` seconds, so that forged ids cause no load. Without an answer the old keys stay in use.
class SSOKeys
  Missing = Class.new(StandardError)

  def initialize(url, pause, keep)
    @url, @pause, @keep, @fetched, @tried, @lock = url, pause, keep, -1e9, -1e9, Mutex.new
  end

  def find(id)
    @lock.synchronize do
      now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      fetch(now) if (!@keys&.key?(id) || now - @fetched > @keep) && now - @tried > @pause
      (@keys or raise Missing)[id]
    end
  end

  private

  def fetch(now)
    @tried = now
    options = { use_ssl: @url.scheme == "https", open_timeout: 3, read_timeout: 3 }
    answer = Net::HTTP.start(@url.host, @url.port, nil, **options) { |http| http.get(@url.request_uri) }
    found = JSON.parse(answer.body).fetch("keys").select { |key| key.values_at("kty", "crv") == %w[EC P-256] }
    @keys = found.to_h { |key| [key["kid"], public_key(key)] }
    @fetched = now
  rescue StandardError => e
    warn "sso: no keys from #{@url}: #{e.message}"
  end

  def public_key(key)
    point = key.values_at("x", "y").map { |text| text.tr("-_", "+/").unpack1("m") }.join
    kind = OpenSSL::ASN1::Sequence([OpenSSL::ASN1::ObjectId("id-ecPublicKey"), OpenSSL::ASN1::ObjectId("prime256v1")])
    OpenSSL::PKey.read(OpenSSL::ASN1::Sequence([kind, OpenSSL::ASN1::BitString("\x04".b + point)]).to_der)
  end
end
