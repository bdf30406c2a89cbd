# One image for all apps; the command chooses:
#   docker run … quittance node dist/apps/worker/src/main.js
# No secret is in it: settings and key sets come from the environment (.env.example).

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
# Generates Prisma's client, then compiles libs/ and apps/ to dist/ (nest-cli.json).
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages are the Postgres of the local stack, and what Prisma needs to generate its client.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
# What is in the image, for whoever has to look for a package in it (CycloneDX). The packages of development are taken out of
# package.json instead of `--omit=dev`, which also leaves out what they share with the apps (npm/cli#7909), fastify among them.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx > sbom.json

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
# Memory limits per process; tools/stack/apps.ts says why.
ENV NODE_OPTIONS="--max-old-space-size=512 --max-semi-space-size=4" MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=packages /app/sbom.json sbom.json
COPY package.json ./
# The operator's command line: docker exec … node apps/operator/bin/quittance.mjs
COPY apps/operator/bin apps/operator/bin
# What apps/deploy applies.
COPY prisma/migrations prisma/migrations
COPY apps/orders/migrations apps/orders/migrations
USER node
EXPOSE 3000 3001 3002 3003 9003
# Alive, not ready: a process that waits for Postgres must not be killed for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "dist/apps/deploy/src/main.js", "health-check"]
CMD ["node", "dist/apps/api/src/main.js"]
