# A server of Holdfast: docker build -t holdfast .
# docs/serve.md says how to use it.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm run pack

FROM node:24-bookworm-slim
COPY --from=build /src/dist/*.tgz /tmp/packages/
RUN npm install --global --no-audit --no-fund /tmp/packages/*.tgz \
  && rm -rf /tmp/packages \
  && mkdir /data \
  && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
ENV HOLDFAST_STORE=sqlite:/data/ledger.db
EXPOSE 7878
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7878/healthz').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["holdfast"]
# Others reach it only where its port is published: publish it at 127.0.0.1, or behind a proxy that has TLS.
CMD ["serve", "--listen", "0.0.0.0:7878", "--insecure-listen"]
