# The image holds one static program and the certificates that it trusts.
# There is no shell in it and nothing to keep patched but the program.
#
#   docker build --build-arg VERSION=1.2.3 -t ringthrough .
#   docker run -p 8080:8080 -v ringthrough:/data ringthrough
#
# With RINGTHROUGH_ADMIN_LISTEN=:8081 the ops API, the console and metrics
# answer there alone, and both ports answer for the health check.

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" \
    -o /out/ringthrough ./cmd/ringthrough \
    && mkdir /out/data

FROM scratch
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="ringthrough" \
    org.opencontainers.image.description="Tells an IVR which calls are WhatsApp's activation calls, so that they ring a person" \
    org.opencontainers.image.source="https://github.com/ringthrough/ringthrough" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$COMMIT" \
    org.opencontainers.image.created="$DATE"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ringthrough /ringthrough
COPY --from=build --chown=65532:65532 /out/data /data
COPY LICENSE /LICENSE
ENV RINGTHROUGH_DATA=/data RINGTHROUGH_LISTEN=:8080
USER 65532:65532
# Also where SQLite keeps what doesn't fit in memory: scratch has no /tmp.
WORKDIR /data
VOLUME /data
EXPOSE 8080 8081
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 CMD ["/ringthrough", "healthcheck"]
ENTRYPOINT ["/ringthrough"]
CMD ["serve"]
