// nest-cli.json is compared with the folders it speaks of.
import { readdirSync, readFileSync } from 'node:fs';

interface Project {
  readonly type: string;
  readonly root: string;
  readonly sourceRoot: string;
}
const { projects } = JSON.parse(readFileSync('nest-cli.json', 'utf8')) as {
  projects: Record<string, Project>;
};
// Vite builds the dashboard.
const APPS = readdirSync('apps').filter((name) => name !== 'dashboard');

it('has each app as a project, and no other', () => {
  expect(Object.keys(projects).toSorted()).toEqual(APPS.toSorted());
});

it.each(APPS)('finds the sources of %s where they are', (name) => {
  expect(projects[name]).toEqual({
    type: 'application',
    root: `apps/${name}`,
    sourceRoot: `apps/${name}/src`,
  });
});
