# Builds frontdesk into an image that holds one program and nothing to log in to.
ARG BUILD_IMAGE=golang:1.26-bookworm

# Go compiles for every platform, so this stage runs on the builder's own.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
# Where modules come from, if not from Go's default.
ARG GOPROXY
WORKDIR /src
# Modules first: they stay cached while only the source changes.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG TARGETOS
ARG TARGETARCH
# Time zones go into the program: the image below has none.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -tags timetzdata \
    -ldflags "-s -w -X main.release=$VERSION" -o /frontdesk ./cmd/frontdesk
# The licences of all that is linked ask to be passed on with it.
RUN CGO_ENABLED=0 go run -trimpath ./.deploy/licences /frontdesk >/THIRD-PARTY-LICENSES
# An empty folder for the store.
WORKDIR /state/frontdesk

FROM scratch
ARG VERSION=dev
ARG SOURCE=
LABEL org.opencontainers.image.title="frontdesk" \
      org.opencontainers.image.description="Tells people who handles what, in Slack and Discord, from one knowledge file" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
# To know Slack and Discord by.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE /LICENSE
COPY --from=build /THIRD-PARTY-LICENSES /THIRD-PARTY-LICENSES
COPY --from=build /frontdesk /frontdesk
# A new volume takes on the owner of the folder that it is mounted over.
COPY --from=build --chown=65532:65532 /state /var/lib
# A frontdesk.yaml that is mounted here is found, and so are paths next to it.
WORKDIR /etc/frontdesk
# In numbers, since there is no list of users, and Kubernetes wants to see that
# it is not root.
USER 65532:65532
# The store, and the key of the hashes in it.
ENV XDG_STATE_HOME=/var/lib
VOLUME /var/lib/frontdesk
# 127.0.0.1, the program's own choice, is not reached from outside a container.
ENV FRONTDESK_HTTP_ADDR=:8080 FRONTDESK_PRIVATE_ADDR=:9090
EXPOSE 8080 9090
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 CMD ["/frontdesk", "health"]
ENTRYPOINT ["/frontdesk"]
CMD ["run"]
